"""English names, and the towns and streets of Britain and America, the most usual first; plain facts."""

from __future__ import annotations

FEMALE = """Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Margaret Nancy Lisa Betty Dorothy
    Sandra Ashley Kimberly Donna Emily Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Laura Sharon Cynthia
    Kathleen Amy Angela Shirley Anna Brenda Pamela Emma Nicole Helen Samantha Katherine Christine Debra Rachel Carolyn
    Janet Catherine Maria Heather Diane Ruth Julie Olivia Joyce Virginia Victoria Kelly Lauren Christina Joan Evelyn
    Judith Megan Andrea Cheryl Hannah Jacqueline Martha Gloria Teresa Ann Sara Madison Frances Kathryn Janice Jean
    Abigail Alice Julia Judy Sophia Grace Denise Amber Doris Marilyn Danielle Beverly Isabella Theresa Diana Natalie
    Brittany Charlotte Marie Kayla Alexis Lori Fiona Gillian Hazel"""
MALE = """James Robert John Michael David William Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony
    Mark Donald Steven Paul Andrew Joshua Kenneth Kevin Brian George Timothy Ronald Edward Jason Jeffrey Ryan Jacob
    Gary Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Frank Patrick
    Raymond Jack Dennis Jerry Tyler Aaron Jose Adam Nathan Henry Douglas Zachary Peter Kyle Ethan Walter Noah Jeremy
    Christian Keith Roger Terry Gerald Harold Sean Austin Carl Arthur Lawrence Dylan Jesse Jordan Bryan Billy Joe Bruce
    Gabriel Logan Albert Willie Alan Juan Wayne Elijah Randy Roy Vincent Ralph Eugene Russell Bobby Mason Philip Louis
    Nigel Graham Trevor Simon"""
# Given name = what friends, and so some systems, call its bearer.
NICKNAMES = """Robert=Bob William=Bill Richard=Dick James=Jim John=Jack Michael=Mike Elizabeth=Liz Margaret=Peggy
    Katherine=Kate Catherine=Cathy Patricia=Pat Jennifer=Jenny Thomas=Tom Charles=Charlie Christopher=Chris Daniel=Dan
    Matthew=Matt Anthony=Tony Steven=Steve Stephen=Steve Andrew=Andy Joshua=Josh Kenneth=Ken Edward=Ted Timothy=Tim
    Joseph=Joe Samuel=Sam Benjamin=Ben Alexander=Alex Nicholas=Nick Deborah=Debbie Susan=Sue Rebecca=Becky Barbara=Barb
    Jessica=Jess Victoria=Vicky Gregory=Greg Donald=Don Ronald=Ron Lawrence=Larry Raymond=Ray Pamela=Pam Philip=Phil"""
FAMILY = """Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Johnson Roberts Robinson Thompson Wright
    Walker White Edwards Hughes Green Hall Lewis Harris Clarke Patel Jackson Wood Turner Martin Cooper Hill Ward
    Morris Moore
    Clark Lee King Baker Harrison Morgan Allen James Scott Phillips Watson Davis Parker Price Bennett Young Griffiths
    Mitchell Kelly Cook Carter Richardson Bailey Collins Bell Shaw Murphy Miller Cox Richards Khan Marshall Anderson
    Simpson Ellis Adams Singh Begum Wilkinson Foster Chapman Powell Webb Rogers Gray Mason Ali Hunt Hussain Campbell
    Matthews Owen Palmer Holmes Mills Barnes Knight Lloyd Butler Russell Barker Fisher Stevens Jenkins Murray Dixon
    Harvey O'Brien O'Neill McDonald McCarthy MacLeod Garcia Martinez Rodriguez Hernandez Lopez Gonzalez"""
# How the rarer family names are made: beginnings and endings, each with each.
PARTS = (
    "Ash Black Brad Burn Cran Dun East Fair Hart Hazel Horn King Lang Mar Nor Pem Red Stan Thorn Wal",
    "ley ton ford wood field burn well ham stead bridge worth by more den combe croft",
)
# Towns with the digits or letters their postal codes begin with, the largest first.
TOWNS = """London|SW Birmingham|B Glasgow|G Liverpool|L Bristol|BS Manchester|M Sheffield|S Leeds|LS Edinburgh|EH
    Leicester|LE Coventry|CV Bradford|BD Cardiff|CF Belfast|BT Nottingham|NG Kingston_upon_Hull|HU Newcastle|NE
    Stoke-on-Trent|ST Southampton|SO Derby|DE Portsmouth|PO Brighton|BN Plymouth|PL Northampton|NN Reading|RG
    York|YO"""
AMERICAN_TOWNS = """New_York|100 Los_Angeles|900 Chicago|606 Houston|770 Phoenix|850 Philadelphia|191 San_Antonio|782
    San_Diego|921 Dallas|752 Austin|787 Jacksonville|322 Columbus|432 Charlotte|282 Seattle|981 Denver|802 Boston|021
    Nashville|372 Portland|972 Las_Vegas|891 Memphis|381 Baltimore|212 Atlanta|303 Miami|331 Oakland|946
    Minneapolis|554 Cleveland|441"""
STREETS = """High Station Main Park Church Church_Hill London Victoria Green Manor Kings Queens Mill Mill_Hill New York
    North South East West Chester Springfield George Alexandra Windsor Stanley Albert Highfield Meadow Orchard Grange
    Grove Elm Oak Cedar Maple Willow Chestnut Bridge Castle"""
