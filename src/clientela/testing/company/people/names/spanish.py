"""Spanish names, towns and streets, the most usual first; plain facts."""

from __future__ import annotations

FEMALE = """María Carmen Ana Isabel Laura Cristina Marta Lucía Pilar Elena Dolores Francisca Antonia Mercedes Rosa
    Paula Sara Raquel Manuela Teresa Josefa Beatriz Nuria Patricia Rocío Silvia Julia Rosario Irene Alba Montserrat
    Andrea Encarnación Sonia Alicia Mónica Sandra Marina Susana Yolanda Natalia Margarita Eva Inmaculada Claudia Sofía
    Concepción Verónica Carolina Inés Noelia Lorena Amparo Esther Nerea Victoria Gloria Ángela Catalina Miriam Lidia
    Consuelo Fátima Celia Aurora Daniela Esperanza Olga Emilia Luisa Magdalena Ainhoa Aitana Vanesa Virginia Tamara
    Gema Asunción Lourdes Milagros Estefanía Purificación Matilde Remedios Soledad Blanca Elisa Rebeca Araceli Belén
    Tania Vicenta Juana Clara Martina Valeria Carlota Jimena Candela Vega Noa Leire"""
MALE = """Antonio José Manuel Francisco David Juan Javier Daniel Carlos Jesús Alejandro Miguel Pedro Pablo Rafael
    Sergio Ángel Fernando Jorge Luis Alberto Álvaro Diego Adrián Raúl Iván Enrique Rubén Ramón Óscar Vicente Andrés
    Joaquín Santiago Víctor Eduardo Mario Roberto Jaime Marcos Ignacio Hugo Alfonso Jordi Ricardo Salvador Guillermo
    Emilio Gabriel Gonzalo Julio Julián Tomás Martín Agustín Félix Joan Nicolás Ismael Cristian Samuel Aitor Mohamed
    Josep Héctor Mariano Domingo Alfredo Sebastián Iker César Rodrigo Lucas Felipe Alex Xavier Gregorio Lorenzo Mateo
    Esteban Cristóbal Arturo Borja Eugenio Jaume Bruno Marc Aarón Ernesto Eric Izan Bartolomé Valentín Isidro Germán
    Darío Omar Moisés Jonathan Benito Asier Gerard"""
# Given name = what friends, and so some systems, call its bearer.
NICKNAMES = """José=Pepe Francisco=Paco Dolores=Lola Francisca=Paqui Manuel=Manolo Ignacio=Nacho Pilar=Pili
    Mercedes=Merche Concepción=Concha Rosario=Charo Encarnación=Encarna
    Jesús=Chus Rafael=Rafa Enrique=Quique Eduardo=Edu Alberto=Tito
    Guillermo=Guille Santiago=Santi Alejandro=Álex Isabel=Isa Josefa=Pepa Antonio=Toni Javier=Javi Montserrat=Montse
    Inmaculada=Inma Consuelo=Chelo Cristina=Cris Teresa=Tere Daniel=Dani Fernando=Nando Miguel=Migue Susana=Susi"""
FAMILY = """García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Hernández Ruiz Díaz
    Moreno Muñoz Álvarez Romero Gutiérrez Alonso Navarro Torres Domínguez Ramos Vázquez Ramírez Gil Serrano Morales
    Molina Blanco Suárez Castro Ortega Delgado Ortiz Marín Rubio Núñez Medina Sanz Castillo Iglesias Cortés Garrido
    Santos Guerrero Lozano Cano Cruz Méndez Flores Prieto Herrera Peña León Márquez Cabrera Gallego Calvo Vidal Campos
    Reyes Vega Fuentes Carrasco Díez Aguilar Caballero Nieto Santana Vargas Pascual Giménez Herrero Hidalgo Montero
    Lorenzo Santiago Benítez Durán Ibáñez Arias Mora Ferrer Carmona Vicente Rojas Soto Crespo Román Pastor Velasco
    Parra Sáez Moya Bravo Soler Gallardo Rivera Esteban Pardo Silva Franco Rivas Merino Lara Espinosa Camacho Mendoza
    Izquierdo Vera Arroyo Ríos Casado Silvestre Redondo Luque Montes Carrillo Rey Segura Galán Contreras Otero"""
# How the rarer family names are made: beginnings and endings, each with each.
PARTS = (
    "Bar Cas Mont Val Vill Torr Per Sal Font Rob Zaf Quint Nog Ces Mar Ter Bel Lag Sot Cast",
    "ero alba añez orio illa edo uera iego anes ares ijo ejo ano ente ondo uelo",
)
# Towns with the digits or letters their postal codes begin with, the largest first.
TOWNS = """Madrid|280 Barcelona|080 Valencia|460 Sevilla|410 Zaragoza|500 Málaga|290 Murcia|300 Palma|070
    Bilbao|480 Alicante|030 Córdoba|140 Valladolid|470 Vigo|362 Gijón|332 Granada|180 Oviedo|330 Pamplona|310
    Almería|040 Burgos|090 Santander|390 León|240 Cádiz|110 Huelva|210 Logroño|260 Lugo|270 Toledo|450"""
STREETS = """Mayor Real Nueva Alcalá Colón Cervantes Goya Velázquez Sol Luna Constitución Libertad España Andalucía
    Castilla Cataluña Aragón Galicia Murillo Picasso Machado Lorca San_Juan San_Pedro San_José Santa_Ana del_Carmen
    del_Pilar de_la_Iglesia de_la_Fuente del_Río de_la_Paz Ancha Corta Larga Estrecha Toledo Segovia Granada Sevilla"""
