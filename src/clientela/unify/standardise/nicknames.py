"""Short and pet forms of given names in English, Spanish, Italian and Dutch, each beside the name it stands for.

A form may stand for different names in different languages (Toni is Antonio in Italy, Antonia to some in England):
then the record's language decides, and where that is unknown the form stays as it is. The same name in two
languages (José, Giuseppe, Joseph) is two names: an immigrant may change it, but strangers share it far more often.
"""

from __future__ import annotations

ENGLISH = """
abraham: abe; abigail: abby abbie gail; albert: al bert bertie; alexander: alex alec sandy xander;
alexandra: alex alexa lexi lexie; alfred: alf alfie fred; alison: allie; amanda: mandy mandi; andrew: andy drew;
angela: angie; anthony: tony ant; archibald: archie; arthur: art artie; barbara: barb babs barbie; bartholomew: bart;
benjamin: ben benny benji; bernard: bernie; bradley: brad; caroline: carrie;
catherine: cath cathy cate katherine kathryn kathleen kate katie kathy kitty kat kay katy;
charles: charlie chuck chas chaz; charlotte: lottie; christina: tina chrissie; christine: chris;
christopher: chris kit topher; clifford: cliff; cynthia: cindy; daniel: dan danny; david: dave davy davey;
deborah: deb debbie debby debra; dominic: dom nic; donald: don donnie; dorothy: dot dottie dolly dotty;
douglas: doug; edmund: ned; edward: ed eddie ted teddy eddy; eleanor: ellie nell nellie;
elizabeth: liz lizzie beth betty bess bessie betsy libby eliza liza lisbeth elisabeth; emily: em emmy; emma: emmie;
ernest: ernie; eugene: gene; florence: flo florrie; frances: fran frannie francie; francis: frank frankie;
frederick: freddy freddie fredrick; gabriel: gabe; geoffrey: geoff jeffrey jeff; george: georgie; gerald: gerry;
gerard: gerrard; gilbert: gil; gregory: greg; gwendolyn: gwen; harold: harry hal; helen: nellie; henry: hank;
herbert: herb; howard: howie; isaac: ike; isabella: izzy bella isabel; jacob: jake; jacqueline: jackie jacqui;
james: jim jimmy jimmie jamie jem; janet: jan; jennifer: jen jenny jennie; jeremy: jez; jessica: jess jessie;
joanna: jo; john: jack johnny johnnie; jonathan: jon jonny; joseph: joe joey; joshua: josh; judith: judy jude;
julian: jules; kenneth: ken kenny; kimberly: kim kimmie; lawrence: larry laurie lawrie laurence;
leonard: len lenny leo; lewis: lew louie; lillian: lil lily; louis: lou; lucille: lucy; madeline: maddie maddy;
magdalene: maggy; margaret: maggie meg peggy madge marge margie peg greta daisy; martin: marty; mary: molly mamie;
matilda: tilly tilda mattie; matthew: matt matty; maximilian: max; michael: mike mick mickey micky mikey mitch;
michelle: shelly; mildred: millie; mitchell: mitchel; nancy: nan; natalie: nat; nathaniel: nate nathan nathanael;
nicholas: nick nicky nico nicolas; oliver: ollie; pamela: pam; patricia: pat patsy patty trish tricia;
patrick: pat paddy; penelope: penny; peter: pete; philip: phil pip phillip; priscilla: cilla; rachel: rach;
randolph: randy; raymond: ray; rebecca: becky becca; reginald: reg reggie;
richard: rick dick ricky rich richie dickie; robert: bob bobby rob robbie bobbie robby; roderick: rod; roger: rodge;
ronald: ron ronnie; rosemary: rosie; russell: russ; samantha: sam sammie; samuel: sam sammy; sarah: sally sadie sara;
sidney: sid; stanley: stan; stephanie: steph; stephen: steve steven stevie; stuart: stu stewart;
susan: sue suzie susie suzy suzanne susanna susannah; sylvester: sly; terence: terry terrence; theodore: theo;
theresa: tess tessa terri; thomas: tom tommy; timothy: tim timmy; tobias: toby; veronica: ronni;
victoria: vicky vicki vikki tori; vincent: vince vinny; virginia: ginny; walter: walt wally; wilfred: wilf;
william: will bill billy willie liam; winifred: winnie; winston: win; zachary: zach zack zac
"""

SPANISH = """
adelaida: adela; agustin: agus tin; alberto: berto; alejandra: ale jandra; alejandro: alex jandro;
alfonso: fonso poncho; ana maria: anamari anama; andrea: andre; angeles: angelines; antonia: toni tona tonia;
antonio: tono toni antonito; ascension: chon; asuncion: asun susi; aurelio: yeyo; beatriz: bea; begona: bego;
bernardo: berna; candelaria: candela; caridad: cari; carlos: carlitos charly;
carmen: carmela carmina carmencita menchu; catalina: cata cati; concepcion: concha conchi conchita conchitina;
consolacion: conso; consuelo: chelo consu; cristina: cris tina; cristobal: tobal; daniel: dani; diego: dieguito;
dolores: lola loli lolita; domingo: mingo; eduardo: edu lalo; emilia: emi; enrique: quique kike; ernesto: neto;
esperanza: espe; esteban: tebi; eugenia: genia; eulalia: lali laia; federico: fede; felipe: pipe;
fernanda: fer nanda; fernando: nando; francisca: paca paqui paquita curra;
francisco: paco pancho curro kiko quico paquito frasco fran cisco pacho; gabriel: gabi; gabriela: gaby;
gerardo: gera; gertrudis: tula; gonzalo: gonza; gregorio: goyo; guadalupe: lupe lupita; guillermo: guille memo;
gustavo: gus; herminia: mina; ignacio: nacho iggy; inmaculada: inma macu; isabel: isa chabela isabelita;
jacobo: jaco; javier: javi xavi; jeronimo: jero; jesus: chus chuy suso; joaquin: quino chimo ximo; jorge: jordi;
jose: pepe pepito pepin; jose antonio: joseantonio; jose luis: joselu joseluis pepeluis; jose manuel: josema;
jose maria: chema josemari; josefa: pepa pepita fefa; josefina: fina; juan: juanito juancho;
juan carlos: juanca juancarlos; juan jose: juanjo; juan manuel: juanma; juana: juani juanita; leonardo: leo;
leticia: leti; lorenzo: loren; lourdes: lurdes; lucia: luci; luis: lucho luisito; luis miguel: luismi;
luisa: luisita; manuel: manolo manu manolito lolo manel; manuela: manoli manola; marcelino: marce;
margarita: marga rita; maria: mari ma; maria angeles: marian mariangeles; maria carmen: maricarmen mamen;
maria mar: marimar; maria dolores: maridolores marilo; maria elena: malena; maria fernanda: mafer;
maria isabel: maribel marisabel; maria jesus: mariajesus chusa; maria jose: mariajo; maria luisa: marisa;
maria mercedes: marimerche; maria teresa: maite mayte; maria victoria: mariavi; mariano: nano; maximiliano: maxi;
mercedes: merche meche; miguel: migue miguelito; miguel angel: miguelangel; milagros: mila;
montserrat: montse monserrat; natividad: nati; nicolas: nico; patricia: patri; pedro: perico pedrito;
pilar: pili piluca; presentacion: presen; purificacion: puri; rafael: rafa; ramon: moncho; raimundo: mundo;
remedios: reme; ricardo: riki richi; roberto: rober beto; rodrigo: rodri; rosario: charo chayo;
salvador: salva chava; santiago: santi chago yago; sebastian: sebas chano; sergio: checo; soledad: sole marisol;
susana: susanita; teodoro: teo; teresa: tere teresita; tomas: tomasito; trinidad: trini; valentina: vale;
vicente: chente vicen; victor: vito; victoria: vicky viki; visitacion: visi; yolanda: yoli
"""

ITALIAN = """
agostino: ago; alberto: albertino; alessandra: sandra; alessandro: alex sandro ale; alfonso: fonzo; andrea: andre;
angela: angelina; annamaria: annama; antonella: anto nella; antonio: toni tonino totonno nino toto tony;
assunta: assuntina; bartolomeo: meo bartolo; beatrice: bea bice; benedetto: betto; bernardo: nardo; carmela: melina;
caterina: cate rina; concetta: concettina cettina; cristina: cri; cristoforo: toforo; daniele: dani; domenica: mimma;
domenico: mimmo menico mimi memmo; edoardo: edo; eleonora: nora ele; elisabetta: betta lisa elisa bettina;
emanuele: manuele lele manu; enrico: rico; ernesto: tino; eugenio: genio; fabrizio: bizio; federica: fede;
federico: chicco; ferdinando: nando ferdi; filippo: pippo; francesca: franca checca;
francesco: franco ciccio cecco checco fra; gabriele: gabri lele; gabriella: lella gabri; gaetano: tano;
gennaro: gennarino; giacomo: giacomino; giacinto: cinto; gianfranco: gianfra; gianluca: gianlu; giorgio: giorgino;
giovanna: gianna vanna; giovanni: gianni vanni nanni giannino; giovanni battista: giambattista titta; giulia: giuli;
giuseppe: beppe peppe pino peppino bepi geppo beppino; giuseppina: pina pinuccia peppina giuseppa giusy;
gregorio: gori; guglielmo: memo; ignazio: gnazio; ilario: lario; isabella: isa; leonardo: leo dino;
lodovico: vico ludovico; lorenzo: lollo renzo; luciana: lucianina; luigi: gigi gino luigino gigino; luigia: gina;
maddalena: lena; marcello: cello; margherita: rita marghe; maria: mariuccia mariella; maria teresa: mariateresa;
maria grazia: mariagrazia; massimiliano: massi max; mattia: matti; michele: lino miki; michelangelo: michi;
natale: natalino; nicola: nico nicolino; nicoletta: etta; pasquale: lino pasqualino; patrizia: patri;
pietro: pierino piero; raffaele: raf lello raffa; raffaella: raffi; roberto: robi berto; rosa: rosetta rosina;
salvatore: toto turi toto salvo; santo: santino; sebastiano: bastiano nello; serafino: fino; stefania: stefi;
stefano: ste; teresa: teresina; tommaso: maso tommy tom; umberto: berto; valentina: vale; valentino: tino;
vincenzo: enzo vincenzino cenzo; vittoria: vitto; vittorio: vitto
"""

DUTCH = """
abraham: bram braam; adriaan: arie ad adrianus adri aad arjan; adriana: jaantje adri sjaan;
albertus: bert albert bertus; alexander: lex xander sander alex; alida: alie; aleida: aleid;
anna: anneke annie anke antje ans ansje; antonia: tonia toos;
antonius: ton toon anton teun antoon tonnie theunis antonie; bartholomeus: bart meeus mees;
bernardus: ben bernard berend; catharina: trijntje toos rina cato tineke katrien trien;
christiaan: chris christianus; christina: stien stijntje christien; cornelia: corrie nel cor neeltje corry nelleke;
cornelis: kees cor cees nelis cornelius krelis; daniel: daan; dirk: diederik dirck durk;
elisabeth: els elly liesbeth lies betje bep bets elsje liesje lisette; everardus: evert everard; ferdinand: ferd;
franciscus: frans cis; frederik: frits freek fred frederikus; gerardus: gerard gerrit geert gert gerhardus;
gerarda: gerda; gijsbertus: gijs gijsbert; godefridus: govert fried; gregorius: joris;
hendrik: henk hein henri rik hendrikus hendricus henny; hendrika: rika riek hennie; henriette: jet jetje;
hieronymus: jeroen; hubertus: huub bertus huib hub; jacoba: coby cobie;
jacobus: jaap koos cobus jacob sjaak ko kobus; jacqueline: sjakie;
johanna: jo joke hanna hanneke jannie janneke jopie annechien; johannes: jan hans joop johan hannes jannes;
josephus: jos sjef jozef joseph; josephine: fien josefien; judocus: joost; karel: carel carolus;
laurentius: laurens lau rens lourens; leendert: leen len leonardus; lodewijk: lode lou;
lambertus: bert lambert lammert; magdalena: leentje magda lena;
margaretha: greet griet gretha grietje margreet margriet greetje marga;
maria: ria marie mies marijke mieke rietje maaike miep marieke riet; martinus: tinus martin maarten marten tijn;
mathilde: tilly; matthias: thijs mathijs matthijs ties thies; mattheus: theeuwes; maurits: mau; maximiliaan: max;
michiel: chiel; nicolaas: klaas nico niek claes; paulus: paul pauwel; petronella: nel nelly pietje ellie;
petrus: piet peter pieter peer pier piotr; philippus: flip philip filip; pieternella: pieteke;
rudolf: ruud rolf dolf roel roelof; sebastiaan: bas bastiaan; simon: siem sijmen; stephanus: stef steven;
theodorus: theo dorus dirkje; theodora: dora thea; thomas: tom maas; victor: vic; vincent: vin;
wilhelmina: mina willemijn wil mien minnie willy helmi miet; wilhelmus: wim willem pim helmus wil;
willibrordus: wilbert wiebe; zacharias: zach
"""

LANGUAGES = {
    "en": ("GB US IE AU NZ CA ZA", ENGLISH),
    "es": ("ES MX AR CO CL PE VE UY EC BO PY CR PA GT HN NI SV DO CU PR AD", SPANISH),
    "it": ("IT SM VA", ITALIAN),
    "nl": ("NL BE SR AW CW", DUTCH),
}


def _told(told: str) -> dict[str, list[str]]:
    pairs = (each.split(":") for each in told.replace("\n", " ").split(";"))
    return {name.strip(): forms.split() for name, forms in pairs}


def _groups(told: str) -> dict[str, str]:
    """The name that each form of one language stands for; a form of two names stands for none."""
    found: dict[str, set[str]] = {}
    for name, forms in _told(told).items():
        for form in forms:
            found.setdefault(form, set()).add(name)
    return {form: next(iter(names)) for form, names in found.items() if len(names) == 1}


LANGUAGE_OF = {land: language for language, (lands, _) in LANGUAGES.items() for land in lands.split()}
_BY_LANGUAGE = {language: _groups(told) for language, (_, told) in LANGUAGES.items()}
_FULL = {language: set(_told(told)) for language, (_, told) in LANGUAGES.items()}


def _known(language: str) -> dict[str, str]:
    """The name behind each form in one language; in no language, of what only one reading is known."""
    own = _BY_LANGUAGE.get(language, {})
    found = {form: name for form, name in own.items() if form not in _FULL[language]} if own else {}
    for form in sorted({form for forms in _BY_LANGUAGE.values() for form in forms}):
        readings = {forms[form] for forms in _BY_LANGUAGE.values() if form in forms}
        if (
            form not in found
            and form not in own
            and len(readings) == 1
            and not any(form in full for full in _FULL.values())
        ):
            found[form] = next(iter(readings))
    return {form: name for form, name in found.items() if name not in found}


NAME_OF: dict[str, dict[str, str]] = {language: _known(language) for language in (*LANGUAGES, "")}
