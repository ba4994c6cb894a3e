"""Italian names, towns and streets, the most usual first; plain facts."""

from __future__ import annotations

FEMALE = """Maria Anna Giulia Francesca Rosa Angela Giovanna Sara Laura Chiara Teresa Lucia Paola Elena Carmela
    Caterina Valentina Alessia Martina Federica Silvia Rita Alessandra Antonella Daniela Margherita Elisa Ilaria
    Simona Roberta Michela Patrizia Barbara Cristina Antonietta Concetta Giuseppina Sofia Aurora Giorgia Beatrice
    Monica Claudia Serena Marta Manuela Stefania Sabrina Emanuela Luisa Vincenza Immacolata Ivana Loredana Gabriella
    Donatella Nicoletta Raffaella Tiziana Vittoria Camilla Arianna Irene Greta Noemi Gaia Emma Ginevra Alice Bianca
    Matilde Viola Nicole Rebecca Ludovica Miriam Debora Pamela Cinzia Marina Lidia Elisabetta Grazia Ornella Filomena
    Domenica Lorenza Mirella Franca Carla Graziella Luciana Piera Renata Silvana Adriana Agata Eleonora Benedetta"""
MALE = """Giuseppe Giovanni Antonio Mario Luigi Francesco Andrea Marco Alessandro Roberto Matteo Vincenzo Paolo Luca
    Salvatore Angelo Stefano Davide Pietro Lorenzo Giorgio Domenico Fabio Carlo Michele Bruno Daniele Claudio Simone
    Riccardo Enrico Federico Franco Massimo Maurizio Sergio Luciano Nicola Alberto Giacomo Gabriele Raffaele Gianluca
    Leonardo Tommaso Edoardo Filippo Cristian Mattia Diego Emanuele Mirko Alessio Christian Manuel Samuele Nicolò
    Valerio Ivan Gennaro Pasquale Ciro Carmine Rocco Cosimo Donato Gaetano Umberto Vito Renato Aldo Silvio Guido Dario
    Ettore Cesare Adriano Ugo Valentino Ernesto Piero Gino Tullio Ivano Walter Denis Omar Elia Jacopo Pierluigi
    Gianfranco Giancarlo Gianni Loris Oscar Marcello Giulio Saverio Sebastiano Corrado"""
# Given name = what friends, and so some systems, call its bearer.
NICKNAMES = """Giuseppe=Beppe Francesco=Franco Luigi=Gigi Giovanni=Gianni Antonio=Tonino Alessandro=Sandro
    Salvatore=Totò
    Vincenzo=Enzo Domenico=Mimmo Lorenzo=Renzo Giuseppina=Pina Francesca=Franca Antonietta=Tonia Margherita=Rita
    Elisabetta=Betta Alessandra=Sandra Raffaele=Lello Gaetano=Tano Pasquale=Lino Caterina=Rina Federico=Fede
    Carmela=Melina Tommaso=Maso Riccardo=Ricky Giacomo=Mino Roberto=Roby Concetta=Tina Leonardo=Leo Matteo=Teo"""
FAMILY = """Rossi Ferrari Russo Bianchi Romano Gallo Costa Fontana Conti Esposito Ricci Bruno Rizzo Moretti Marino
    Greco Barbieri Lombardi Giordano Cassano Colombo Mancini Longo Leone Martinelli Marchetti Martini Galli Gatti
    Mariani Ferrara Santoro Marini Bianco Conte Serra Farina Gentile Caruso Morelli Ferri Testa Ferraro Pellegrini
    Grassi Rossetti D'Angelo Bernardi Mazza Rizzi Silvestri Vitale Franco Parisi Martino Valentini Castelli Bellini
    Monti Lombardo Fiore Grasso Ferro Carbone Orlando Guerra Palmieri Milani Villa Viola Ruggeri De Luca De Santis
    Sanna Piras Coppola Fabbri Caputo Montanari Basile Palumbo Messina Amato Sala Barone Pagano Sorrentino Negri"""
# How the rarer family names are made: beginnings and endings, each with each.
PARTS = (
    "Ross Bianch Mart Pell Cast Font Mor Gall Sant Vent Bell Mont Zan Cord Fer Lanz Bart Benv Tram",
    "ini etti ella oni aro ardi ucci atti ano igli otto enghi elli ese azzo occo uzzi",
)
# Towns with the digits or letters their postal codes begin with, the largest first.
TOWNS = """Roma|001 Milano|201 Napoli|801 Torino|101 Palermo|901 Genova|161 Bologna|401 Firenze|501 Bari|701
    Catania|951 Verona|371 Venezia|301 Messina|981 Padova|351 Trieste|341 Brescia|251 Parma|431 Prato|591 Modena|411
    Perugia|061 Livorno|571 Ravenna|481 Cagliari|091 Foggia|711 Rimini|479 Salerno|841"""
STREETS = """Roma Garibaldi Mazzini Dante Verdi Marconi Cavour Matteotti Gramsci Leopardi Manzoni Petrarca Carducci
    Rossini Puccini Galilei Volta Colombo Vespucci Trento Trieste Milano Torino Venezia Napoli Firenze dei_Mille
    della_Libertà della_Repubblica San_Marco San_Giovanni Santa_Maria del_Mare dei_Fiori delle_Rose Piave Isonzo
    Nazionale Vittorio_Emanuele Umberto_I"""
