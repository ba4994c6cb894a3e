"""Dutch names, towns and streets, the most usual first; plain facts."""

from __future__ import annotations

FEMALE = """Johanna Maria Anna Cornelia Elisabeth Wilhelmina Hendrika Petronella Adriana Catharina Margaretha Emma
    Sanne Lisa Lotte Femke Anouk Iris Eva Julia Sophie Tess Zoë Fleur Roos Marieke Linda Monique Ingrid Esther Sandra
    Petra Annemarie Marjolein Mirjam Saskia Yvonne Wendy Kim Laura Lieke Noa Mila Saar Nora Sara Fenna Evi Jasmijn Lynn
    Isa Amber Britt Maud Floor Merel Anne Ilse Renske Marloes Suzanne Nicole Astrid Karin Angelique Bianca Manon Nienke
    Hanneke Marije Willemijn Gerda Trijntje Geertje Aaltje Jantje Grietje Neeltje Ria Tineke Ineke Wilma Joke Ans Marian
    Henriëtte Jacqueline Carla Francisca Jolanda Miranda Chantal Patricia Debby Dewi Elif Fatima Yara Liv Feline"""
MALE = """Johannes Jan Cornelis Hendrik Willem Petrus Gerardus Jacobus Pieter Adrianus Daan Sem Lucas Milan Levi
    Luuk Finn Bram Mees Thijs Lars Jesse Tim Ruben Thomas Sander Bas Jeroen Mark Martijn Dennis Peter Robert Marcel
    Erik Michel Rob Frank Paul Patrick Richard Edwin Wouter Joost Niels Rik Koen Stijn Gijs Floris Maarten Bart Arjan
    Remco Ronald Harm Klaas Sjoerd Wiebe Jelle Tjeerd Douwe Antonius Theodorus Franciscus Martinus Lambertus Leonardus
    Nicolaas Arie Dirk Gerrit Teunis Leendert Maurits Casper Olivier Hugo Noah Adam Max Sam Teun Siem Guus Ties Pim
    Abel Boaz Mohammed Ahmed Youssef Ali Murat Kevin Danny Roy Jordy Mitchell Ricardo Frederik Matthijs"""
# Given name = what friends, and so some systems, call its bearer.
NICKNAMES = """Johannes=Hans Cornelis=Kees Wilhelmina=Willy Petrus=Piet Jacobus=Jaap Hendrik=Henk Gerardus=Gerard
    Adrianus=Ad Johanna=Hanneke Elisabeth=Bets Catharina=Trees Margaretha=Greet Cornelia=Corrie Willem=Wim
    Petronella=Nel Hendrika=Riek Adriana=Sjaan Antonius=Ton Theodorus=Theo Franciscus=Frans Martinus=Tinus
    Leonardus=Leo Nicolaas=Klaas Lambertus=Bert Frederik=Fred Matthijs=Thijs Robert=Rob Michel=Mick Jacqueline=Jacky"""
FAMILY = """Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Smits Koster
    Willems Hermans Jacobs Peeters Kok Kuipers Postma Veenstra Kramer Post Martens Schouten Wolters Verhoeven Koning
    Prins Huisman Hoekstra Maas Verbeek Schipper Timmermans Gerritsen Groen Scholten Willemsen Driessen Kuiper Veldman
    Boer Blom Groot Bosch Vermeer Wagenaar Molenaar Kuijpers Boersma Bouwman Hofman Sanders Kroon Evers Zijlstra
    Mol Bosman Schuurman Cornelissen Gerrits Ruiter Bakkers Drost Aarts Simons Kramers Winter Zwart Loon Roos"""
# How the rarer family names are made: beginnings and endings, each with each.
PARTS = (
    "van_ van_de_ van_den_ van_der_ de_ ter_ Oud Nieuwen Groen Wester",
    "Berg Dijk Vliet Heuvel Linden Wal Veen Haan Jong Bruin Graaf Leeuw Broek Hoek Heide Meer Laan Hof Horst Wijk "
    "Weide Brink Kamp Beek Velde Zanden Pol Ven Hout Brug Ham Steen Donk Wiel Burg",
)
# Towns with the digits or letters their postal codes begin with, the largest first.
TOWNS = """Amsterdam|10 Rotterdam|30 Den_Haag|25 Utrecht|35 Eindhoven|56 Groningen|97 Tilburg|50 Almere|13 Breda|48
    Nijmegen|65 Apeldoorn|73 Arnhem|68 Haarlem|20 Enschede|75 Amersfoort|38 Zaandam|15 Den_Bosch|52 Zwolle|80
    Leiden|23 Maastricht|62 Dordrecht|33 Ede|67 Alkmaar|18 Delft|26 Venlo|59 Deventer|74"""
STREETS = """Kerk Dorps Molen School Hoofd Nieuw Stations Markt Beatrix Juliana Wilhelmina Emma Oranje Eiken Beuken
    Linden Kastanje Rozen Tulpen Zonnebloem Prins_Hendrik Prinses_Irene Rembrandt Vondel Vermeer Jan_Steen Mozart
    Beethoven Haven Water Brug Dijk Veld Bos Berg Weide Koe Paarden Zand Klei"""
