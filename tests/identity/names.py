"""First names, family names, nicknames, towns and streets of four languages, the most usual first; plain facts."""

from __future__ import annotations

LANGUAGES = ("es", "it", "nl", "en")

_FEMALE = {
    "es": """María Carmen Ana Isabel Laura Cristina Marta Lucía Pilar Elena Dolores Francisca Antonia Mercedes Rosa
    Paula Sara Raquel Manuela Teresa Josefa Beatriz Nuria Patricia Rocío Silvia Julia Rosario Irene Alba Montserrat
    Andrea Encarnación Sonia Alicia Mónica Sandra Marina Susana Yolanda Natalia Margarita Eva Inmaculada Claudia Sofía
    Concepción Verónica Carolina Inés Noelia Lorena Amparo Esther Nerea Victoria Gloria Ángela Catalina Miriam Lidia
    Consuelo Fátima Celia Aurora Daniela Esperanza Olga Emilia Luisa Magdalena Ainhoa Aitana Vanesa Virginia Tamara
    Gema Asunción Lourdes Milagros Estefanía Purificación Matilde Remedios Soledad Blanca Elisa Rebeca Araceli Belén
    Tania Vicenta Juana Clara Martina Valeria Carlota Jimena Candela Vega Noa Leire""",
    "it": """Maria Anna Giulia Francesca Rosa Angela Giovanna Sara Laura Chiara Teresa Lucia Paola Elena Carmela
    Caterina Valentina Alessia Martina Federica Silvia Rita Alessandra Antonella Daniela Margherita Elisa Ilaria
    Simona Roberta Michela Patrizia Barbara Cristina Antonietta Concetta Giuseppina Sofia Aurora Giorgia Beatrice
    Monica Claudia Serena Marta Manuela Stefania Sabrina Emanuela Luisa Vincenza Immacolata Ivana Loredana Gabriella
    Donatella Nicoletta Raffaella Tiziana Vittoria Camilla Arianna Irene Greta Noemi Gaia Emma Ginevra Alice Bianca
    Matilde Viola Nicole Rebecca Ludovica Miriam Debora Pamela Cinzia Marina Lidia Elisabetta Grazia Ornella Filomena
    Domenica Lorenza Mirella Franca Carla Graziella Luciana Piera Renata Silvana Adriana Agata Eleonora Benedetta""",
    "nl": """Johanna Maria Anna Cornelia Elisabeth Wilhelmina Hendrika Petronella Adriana Catharina Margaretha Emma
    Sanne Lisa Lotte Femke Anouk Iris Eva Julia Sophie Tess Zoë Fleur Roos Marieke Linda Monique Ingrid Esther Sandra
    Petra Annemarie Marjolein Mirjam Saskia Yvonne Wendy Kim Laura Lieke Noa Mila Saar Nora Sara Fenna Evi Jasmijn Lynn
    Isa Amber Britt Maud Floor Merel Anne Ilse Renske Marloes Suzanne Nicole Astrid Karin Angelique Bianca Manon Nienke
    Hanneke Marije Willemijn Gerda Trijntje Geertje Aaltje Jantje Grietje Neeltje Ria Tineke Ineke Wilma Joke Ans Marian
    Henriëtte Jacqueline Carla Francisca Jolanda Miranda Chantal Patricia Debby Dewi Elif Fatima Yara Liv Feline""",
    "en": """Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Margaret Nancy Lisa Betty Dorothy
    Sandra Ashley Kimberly Donna Emily Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Laura Sharon Cynthia
    Kathleen Amy Angela Shirley Anna Brenda Pamela Emma Nicole Helen Samantha Katherine Christine Debra Rachel Carolyn
    Janet Catherine Maria Heather Diane Ruth Julie Olivia Joyce Virginia Victoria Kelly Lauren Christina Joan Evelyn
    Judith Megan Andrea Cheryl Hannah Jacqueline Martha Gloria Teresa Ann Sara Madison Frances Kathryn Janice Jean
    Abigail Alice Julia Judy Sophia Grace Denise Amber Doris Marilyn Danielle Beverly Isabella Theresa Diana Natalie
    Brittany Charlotte Marie Kayla Alexis Lori Fiona Gillian Hazel""",
}
_MALE = {
    "es": """Antonio José Manuel Francisco David Juan Javier Daniel Carlos Jesús Alejandro Miguel Pedro Pablo Rafael
    Sergio Ángel Fernando Jorge Luis Alberto Álvaro Diego Adrián Raúl Iván Enrique Rubén Ramón Óscar Vicente Andrés
    Joaquín Santiago Víctor Eduardo Mario Roberto Jaime Marcos Ignacio Hugo Alfonso Jordi Ricardo Salvador Guillermo
    Emilio Gabriel Gonzalo Julio Julián Tomás Martín Agustín Félix Joan Nicolás Ismael Cristian Samuel Aitor Mohamed
    Josep Héctor Mariano Domingo Alfredo Sebastián Iker César Rodrigo Lucas Felipe Alex Xavier Gregorio Lorenzo Mateo
    Esteban Cristóbal Arturo Borja Eugenio Jaume Bruno Marc Aarón Ernesto Eric Izan Bartolomé Valentín Isidro Germán
    Darío Omar Moisés Jonathan Benito Asier Gerard""",
    "it": """Giuseppe Giovanni Antonio Mario Luigi Francesco Andrea Marco Alessandro Roberto Matteo Vincenzo Paolo Luca
    Salvatore Angelo Stefano Davide Pietro Lorenzo Giorgio Domenico Fabio Carlo Michele Bruno Daniele Claudio Simone
    Riccardo Enrico Federico Franco Massimo Maurizio Sergio Luciano Nicola Alberto Giacomo Gabriele Raffaele Gianluca
    Leonardo Tommaso Edoardo Filippo Cristian Mattia Diego Emanuele Mirko Alessio Christian Manuel Samuele Nicolò
    Valerio Ivan Gennaro Pasquale Ciro Carmine Rocco Cosimo Donato Gaetano Umberto Vito Renato Aldo Silvio Guido Dario
    Ettore Cesare Adriano Ugo Valentino Ernesto Piero Gino Tullio Ivano Walter Denis Omar Elia Jacopo Pierluigi
    Gianfranco Giancarlo Gianni Loris Oscar Marcello Giulio Saverio Sebastiano Corrado""",
    "nl": """Johannes Jan Cornelis Hendrik Willem Petrus Gerardus Jacobus Pieter Adrianus Daan Sem Lucas Milan Levi
    Luuk Finn Bram Mees Thijs Lars Jesse Tim Ruben Thomas Sander Bas Jeroen Mark Martijn Dennis Peter Robert Marcel
    Erik Michel Rob Frank Paul Patrick Richard Edwin Wouter Joost Niels Rik Koen Stijn Gijs Floris Maarten Bart Arjan
    Remco Ronald Harm Klaas Sjoerd Wiebe Jelle Tjeerd Douwe Antonius Theodorus Franciscus Martinus Lambertus Leonardus
    Nicolaas Arie Dirk Gerrit Teunis Leendert Maurits Casper Olivier Hugo Noah Adam Max Sam Teun Siem Guus Ties Pim
    Abel Boaz Mohammed Ahmed Youssef Ali Murat Kevin Danny Roy Jordy Mitchell Ricardo Frederik Matthijs""",
    "en": """James Robert John Michael David William Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony
    Mark Donald Steven Paul Andrew Joshua Kenneth Kevin Brian George Timothy Ronald Edward Jason Jeffrey Ryan Jacob
    Gary Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Frank Patrick
    Raymond Jack Dennis Jerry Tyler Aaron Jose Adam Nathan Henry Douglas Zachary Peter Kyle Ethan Walter Noah Jeremy
    Christian Keith Roger Terry Gerald Harold Sean Austin Carl Arthur Lawrence Dylan Jesse Jordan Bryan Billy Joe Bruce
    Gabriel Logan Albert Willie Alan Juan Wayne Elijah Randy Roy Vincent Ralph Eugene Russell Bobby Mason Philip Louis
    Nigel Graham Trevor Simon""",
}

# Given name = what friends, and so some systems, call its bearer.
_NICKNAMES = {
    "es": """José=Pepe Francisco=Paco Dolores=Lola Francisca=Paqui Manuel=Manolo Ignacio=Nacho Pilar=Pili
    Mercedes=Merche Concepción=Concha Rosario=Charo Encarnación=Encarna
    Jesús=Chus Rafael=Rafa Enrique=Quique Eduardo=Edu Alberto=Tito
    Guillermo=Guille Santiago=Santi Alejandro=Álex Isabel=Isa Josefa=Pepa Antonio=Toni Javier=Javi Montserrat=Montse
    Inmaculada=Inma Consuelo=Chelo Cristina=Cris Teresa=Tere Daniel=Dani Fernando=Nando Miguel=Migue Susana=Susi""",
    "it": """Giuseppe=Beppe Francesco=Franco Luigi=Gigi Giovanni=Gianni Antonio=Tonino Alessandro=Sandro Salvatore=Totò
    Vincenzo=Enzo Domenico=Mimmo Lorenzo=Renzo Giuseppina=Pina Francesca=Franca Antonietta=Tonia Margherita=Rita
    Elisabetta=Betta Alessandra=Sandra Raffaele=Lello Gaetano=Tano Pasquale=Lino Caterina=Rina Federico=Fede
    Carmela=Melina Tommaso=Maso Riccardo=Ricky Giacomo=Mino Roberto=Roby Concetta=Tina Leonardo=Leo Matteo=Teo""",
    "nl": """Johannes=Hans Cornelis=Kees Wilhelmina=Willy Petrus=Piet Jacobus=Jaap Hendrik=Henk Gerardus=Gerard
    Adrianus=Ad Johanna=Hanneke Elisabeth=Bets Catharina=Trees Margaretha=Greet Cornelia=Corrie Willem=Wim
    Petronella=Nel Hendrika=Riek Adriana=Sjaan Antonius=Ton Theodorus=Theo Franciscus=Frans Martinus=Tinus
    Leonardus=Leo Nicolaas=Klaas Lambertus=Bert Frederik=Fred Matthijs=Thijs Robert=Rob Michel=Mick Jacqueline=Jacky""",
    "en": """Robert=Bob William=Bill Richard=Dick James=Jim John=Jack Michael=Mike Elizabeth=Liz Margaret=Peggy
    Katherine=Kate Catherine=Cathy Patricia=Pat Jennifer=Jenny Thomas=Tom Charles=Charlie Christopher=Chris Daniel=Dan
    Matthew=Matt Anthony=Tony Steven=Steve Stephen=Steve Andrew=Andy Joshua=Josh Kenneth=Ken Edward=Ted Timothy=Tim
    Joseph=Joe Samuel=Sam Benjamin=Ben Alexander=Alex Nicholas=Nick Deborah=Debbie Susan=Sue Rebecca=Becky Barbara=Barb
    Jessica=Jess Victoria=Vicky Gregory=Greg Donald=Don Ronald=Ron Lawrence=Larry Raymond=Ray Pamela=Pam Philip=Phil""",
}

_FAMILY = {
    "es": """García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Hernández Ruiz Díaz
    Moreno Muñoz Álvarez Romero Gutiérrez Alonso Navarro Torres Domínguez Ramos Vázquez Ramírez Gil Serrano Morales
    Molina Blanco Suárez Castro Ortega Delgado Ortiz Marín Rubio Núñez Medina Sanz Castillo Iglesias Cortés Garrido
    Santos Guerrero Lozano Cano Cruz Méndez Flores Prieto Herrera Peña León Márquez Cabrera Gallego Calvo Vidal Campos
    Reyes Vega Fuentes Carrasco Díez Aguilar Caballero Nieto Santana Vargas Pascual Giménez Herrero Hidalgo Montero
    Lorenzo Santiago Benítez Durán Ibáñez Arias Mora Ferrer Carmona Vicente Rojas Soto Crespo Román Pastor Velasco
    Parra Sáez Moya Bravo Soler Gallardo Rivera Esteban Pardo Silva Franco Rivas Merino Lara Espinosa Camacho Mendoza
    Izquierdo Vera Arroyo Ríos Casado Silvestre Redondo Luque Montes Carrillo Rey Segura Galán Contreras Otero""",
    "it": """Rossi Ferrari Russo Bianchi Romano Gallo Costa Fontana Conti Esposito Ricci Bruno Rizzo Moretti Marino
    Greco Barbieri Lombardi Giordano Cassano Colombo Mancini Longo Leone Martinelli Marchetti Martini Galli Gatti
    Mariani Ferrara Santoro Marini Bianco Conte Serra Farina Gentile Caruso Morelli Ferri Testa Ferraro Pellegrini
    Grassi Rossetti D'Angelo Bernardi Mazza Rizzi Silvestri Vitale Franco Parisi Martino Valentini Castelli Bellini
    Monti Lombardo Fiore Grasso Ferro Carbone Orlando Guerra Palmieri Milani Villa Viola Ruggeri De Luca De Santis
    Sanna Piras Coppola Fabbri Caputo Montanari Basile Palumbo Messina Amato Sala Barone Pagano Sorrentino Negri""",
    "nl": """Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Smits Koster
    Willems Hermans Jacobs Peeters Kok Kuipers Postma Veenstra Kramer Post Martens Schouten Wolters Verhoeven Koning
    Prins Huisman Hoekstra Maas Verbeek Schipper Timmermans Gerritsen Groen Scholten Willemsen Driessen Kuiper Veldman
    Boer Blom Groot Bosch Vermeer Wagenaar Molenaar Kuijpers Boersma Bouwman Hofman Sanders Kroon Evers Zijlstra
    Mol Bosman Schuurman Cornelissen Gerrits Ruiter Bakkers Drost Aarts Simons Kramers Winter Zwart Loon Roos""",
    "en": """Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Johnson Roberts Robinson Thompson Wright
    Walker White Edwards Hughes Green Hall Lewis Harris Clarke Patel Jackson Wood Turner Martin Cooper Hill Ward
    Morris Moore
    Clark Lee King Baker Harrison Morgan Allen James Scott Phillips Watson Davis Parker Price Bennett Young Griffiths
    Mitchell Kelly Cook Carter Richardson Bailey Collins Bell Shaw Murphy Miller Cox Richards Khan Marshall Anderson
    Simpson Ellis Adams Singh Begum Wilkinson Foster Chapman Powell Webb Rogers Gray Mason Ali Hunt Hussain Campbell
    Matthews Owen Palmer Holmes Mills Barnes Knight Lloyd Butler Russell Barker Fisher Stevens Jenkins Murray Dixon
    Harvey O'Brien O'Neill McDonald McCarthy MacLeod Garcia Martinez Rodriguez Hernandez Lopez Gonzalez""",
}

# Towns with the digits or letters their postal codes begin with, the largest first.
TOWNS = {
    "es": """Madrid|280 Barcelona|080 Valencia|460 Sevilla|410 Zaragoza|500 Málaga|290 Murcia|300 Palma|070
    Bilbao|480 Alicante|030 Córdoba|140 Valladolid|470 Vigo|362 Gijón|332 Granada|180 Oviedo|330 Pamplona|310
    Almería|040 Burgos|090 Santander|390 León|240 Cádiz|110 Huelva|210 Logroño|260 Lugo|270 Toledo|450""",
    "it": """Roma|001 Milano|201 Napoli|801 Torino|101 Palermo|901 Genova|161 Bologna|401 Firenze|501 Bari|701
    Catania|951 Verona|371 Venezia|301 Messina|981 Padova|351 Trieste|341 Brescia|251 Parma|431 Prato|591 Modena|411
    Perugia|061 Livorno|571 Ravenna|481 Cagliari|091 Foggia|711 Rimini|479 Salerno|841""",
    "nl": """Amsterdam|10 Rotterdam|30 Den_Haag|25 Utrecht|35 Eindhoven|56 Groningen|97 Tilburg|50 Almere|13 Breda|48
    Nijmegen|65 Apeldoorn|73 Arnhem|68 Haarlem|20 Enschede|75 Amersfoort|38 Zaandam|15 Den_Bosch|52 Zwolle|80
    Leiden|23 Maastricht|62 Dordrecht|33 Ede|67 Alkmaar|18 Delft|26 Venlo|59 Deventer|74""",
    "en": """London|SW Birmingham|B Glasgow|G Liverpool|L Bristol|BS Manchester|M Sheffield|S Leeds|LS Edinburgh|EH
    Leicester|LE Coventry|CV Bradford|BD Cardiff|CF Belfast|BT Nottingham|NG Kingston_upon_Hull|HU Newcastle|NE
    Stoke-on-Trent|ST Southampton|SO Derby|DE Portsmouth|PO Brighton|BN Plymouth|PL Northampton|NN Reading|RG
    York|YO""",
    "us": """New_York|100 Los_Angeles|900 Chicago|606 Houston|770 Phoenix|850 Philadelphia|191 San_Antonio|782
    San_Diego|921 Dallas|752 Austin|787 Jacksonville|322 Columbus|432 Charlotte|282 Seattle|981 Denver|802 Boston|021
    Nashville|372 Portland|972 Las_Vegas|891 Memphis|381 Baltimore|212 Atlanta|303 Miami|331 Oakland|946
    Minneapolis|554 Cleveland|441""",
}

STREETS = {
    "es": """Mayor Real Nueva Alcalá Colón Cervantes Goya Velázquez Sol Luna Constitución Libertad España Andalucía
    Castilla Cataluña Aragón Galicia Murillo Picasso Machado Lorca San_Juan San_Pedro San_José Santa_Ana del_Carmen
    del_Pilar de_la_Iglesia de_la_Fuente del_Río de_la_Paz Ancha Corta Larga Estrecha Toledo Segovia Granada Sevilla""",
    "it": """Roma Garibaldi Mazzini Dante Verdi Marconi Cavour Matteotti Gramsci Leopardi Manzoni Petrarca Carducci
    Rossini Puccini Galilei Volta Colombo Vespucci Trento Trieste Milano Torino Venezia Napoli Firenze dei_Mille
    della_Libertà della_Repubblica San_Marco San_Giovanni Santa_Maria del_Mare dei_Fiori delle_Rose Piave Isonzo
    Nazionale Vittorio_Emanuele Umberto_I""",
    "nl": """Kerk Dorps Molen School Hoofd Nieuw Stations Markt Beatrix Juliana Wilhelmina Emma Oranje Eiken Beuken
    Linden Kastanje Rozen Tulpen Zonnebloem Prins_Hendrik Prinses_Irene Rembrandt Vondel Vermeer Jan_Steen Mozart
    Beethoven Haven Water Brug Dijk Veld Bos Berg Weide Koe Paarden Zand Klei""",
    "en": """High Station Main Park Church Church_Hill London Victoria Green Manor Kings Queens Mill Mill_Hill New York
    North South East West Chester Springfield George Alexandra Windsor Stanley Albert Highfield Meadow Orchard Grange
    Grove Elm Oak Cedar Maple Willow Chestnut Bridge Castle""",
}


def first_names(language: str) -> tuple[list[str], list[str]]:
    """Women's and men's names."""
    return _FEMALE[language].split(), _MALE[language].split()


def nicknames(language: str) -> dict[str, str]:
    """What the bearer of a given name may be called."""
    return dict(each.split("=") for each in _NICKNAMES[language].split())  # type: ignore[misc]


def family_names(language: str) -> list[str]:
    """At least four hundred family names: those written above, then rarer ones composed of what names are made of."""
    own = _FAMILY[language].replace("De ", "De_").split()
    return [name.replace("_", " ") for name in dict.fromkeys([*own, *_composed(language)])]


# How the rarer names of a language are made: beginnings and endings, each with each.
_PARTS = {
    "es": (
        "Bar Cas Mont Val Vill Torr Per Sal Font Rob Zaf Quint Nog Ces Mar Ter Bel Lag Sot Cast",
        "ero alba añez orio illa edo uera iego anes ares ijo ejo ano ente ondo uelo",
    ),
    "it": (
        "Ross Bianch Mart Pell Cast Font Mor Gall Sant Vent Bell Mont Zan Cord Fer Lanz Bart Benv Tram",
        "ini etti ella oni aro ardi ucci atti ano igli otto enghi elli ese azzo occo uzzi",
    ),
    "nl": (
        "van_ van_de_ van_den_ van_der_ de_ ter_ Oud Nieuwen Groen Wester",
        "Berg Dijk Vliet Heuvel Linden Wal Veen Haan Jong Bruin Graaf Leeuw Broek Hoek Heide Meer Laan Hof Horst Wijk "
        "Weide Brink Kamp Beek Velde Zanden Pol Ven Hout Brug Ham Steen Donk Wiel Burg",
    ),
    "en": (
        "Ash Black Brad Burn Cran Dun East Fair Hart Hazel Horn King Lang Mar Nor Pem Red Stan Thorn Wal",
        "ley ton ford wood field burn well ham stead bridge worth by more den combe croft",
    ),
}


def _composed(language: str) -> list[str]:
    beginnings, endings = (part.split() for part in _PARTS[language])
    made = [(one, two) for two in endings for one in beginnings]
    return [one + (two if one.endswith("_") else two.lower()) for one, two in made]


def towns(country: str) -> list[tuple[str, str]]:
    """Towns of a country with how their postal codes begin."""
    pairs = (each.replace("_", " ").rsplit("|", 1) for each in TOWNS[country].split())
    return [(town, code) for town, code in pairs]


def streets(language: str) -> list[str]:
    """Names of streets without the word for street."""
    return [name.replace("_", " ") for name in STREETS[language].split()]
