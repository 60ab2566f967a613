"""Given names, so that persons are left out of grouping."""

from scout.places.words import words

#: Folded; the common ones of the Netherlands of all ages, with Frisian and newer ones.
GIVEN_NAMES = words(
    """
    aad aafke aart abdel abdullah abe achmed ada adriaan adri agnes ahmed albert alex alexander ali alida
    alie amber amina an andre andrea andries anja anke ankie ann anna anne anneke annelies annemarie
    annemiek annet annette annie anny ans anton antoon antonia arend arie arjan arjen arno arnold astrid
    aukje auke ayse bart bas beatrix ben bennie berend bernard bert bertha bertus betty bianca bob bram
    brenda bennie carel carla carlo carolien caroline catharina cees chantal chris christa christine
    claudia coby cor cora corina corine cornelia cornelis corrie daan dana daniel danny david dennis derk
    desiree diana dick diederik dienke dik dineke dirk dorien doutzen durk eddy edith edwin eelco eelke
    ellen elly els elsa emiel emma emmy eric erica erik erna ernst esther eva evelien evert fatiha fatima
    femke fenna ferry fien fleur floor floris fokke foppe frank frans fred freddy frederik frederika
    frits froukje geert gea geertje geesje gerard gerben gerda gerrie gerrit gert gerwin gijs gineke ginie
    gosse greet greetje grietje gyan guus hajo hamza hanna hannah hanneke hannie hans harm harma harmen
    harrie harry hasan hassan hein heleen helena hella henk hennie henny henri henriette herman hermien
    hester hetty hidde hiske hilda hilde hilje hubert hugo huub ibrahim ida ilse ina ineke inge ingrid
    irene iris isa ivo jaap jacco jack jacob jacqueline jan janna jannie janny janneke jantina jantje jaap
    jasmijn jasper jeanet jeanette jelle jenny jeroen jesper jessica jet jetske jildou jo joan jochem
    joep joke jolanda jonas joop joost jorien joris jos jose josee josje joyce judith jules jurjen jurre
    karel karin karim kees khadija kim klaas klaske koen koos krijn krista kristel laila lars laura
    laurens leen leendert leo leon lena lennart lex lia lianne lidy lies liesbeth lieke lieneke lilian
    lina linda lineke lisa lisette loek lonneke loes lot lotte louis louise luc lucas luuk maaike maarten
    machteld mahmoud mannus manon marc marcel mardi margot margreet margriet maria marian marianne marie
    marieke mariet mariette marije marijke marike marina mario mariska marit marja marjan marjolein
    marjoke marjo mark marleen marlies marloes martha martien martijn martin martine mat mathijs matthijs
    max meike melanie menno merel mia michael michel michiel mieke miep mike mirjam mohamed mohammed
    monica monique mustafa nadia nadir nanda nathalie nel nelleke nettie nick nico nicole niek niels nienke
    nina nora olaf omar oscar otto pascal patricia patrick paul paula pauline petra peter philip pia piet
    pieter pim rachid ralf ralph ramon raymond rebecca reina reinder reinier remco rene ria rian richard
    rick rik rita rinske rinus rob robert robin roel roelof roland rolf ron ronald roos rosa rosalie ruben
    rudi rutger ruth ruud saar samira sander sandra sanne sara sarah saskia sebastiaan selma serge sharon
    sietske sija silvia simon siska sjaak sjef sjoerd sjors sofie sonja stan stefan stella steven stijn
    suzanne sven sylvia tamara tanja teun thea theo thijs thomas tiemen tim timo tina tineke tjalling tjitske
    ton toon tonny toos trees trijntje trudy truus ursula valerie vera victor vincent wendy wiebe wiel
    wietze wilhelmina wilko wilma willem willemien wim wouter wubbo yasmin ymke youssef yvette yvonne
    zahra
    """
)
