"""What the answering pages say themselves, in the languages that surveys are written in most. English where there is no other."""
from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale, UnknownLocaleError

RIGHT_TO_LEFT = ("ar", "fa", "he", "ur", "ps", "yi")
LANGUAGES = ("de", "fr", "es")
NUMBERS = re.compile(r"-?\d[\d,]*")

# English: (German, French, Spanish)
PHRASES: dict[str, tuple[str, str, str]] = {
    "Yes": ("Ja", "Oui", "Sí"),
    "No": ("Nein", "Non", "No"),
    "Optional": ("Freiwillig", "Facultatif", "Opcional"),
    "Another answer:": ("Andere Antwort:", "Autre réponse :", "Otra respuesta:"),
    "Not at all likely": ("Sehr unwahrscheinlich", "Pas du tout probable", "Nada probable"),
    "Extremely likely": ("Sehr wahrscheinlich", "Extrêmement probable", "Muy probable"),
    "Part {at} of {of}": ("Teil {at} von {of}", "Partie {at} sur {of}", "Parte {at} de {of}"),
    "Continue": ("Weiter", "Continuer", "Continuar"),
    "Back": ("Zurück", "Retour", "Atrás"),
    "Send my answers": ("Antworten absenden", "Envoyer mes réponses", "Enviar mis respuestas"),
    "There is nothing to answer here.": ("Hier gibt es nichts zu beantworten.", "Il n’y a rien à répondre ici.", "Aquí no hay nada que responder."),
    "Welcome back. Your answers so far are saved.": (
        "Willkommen zurück. Ihre bisherigen Antworten sind gespeichert.", "Bon retour. Vos réponses sont enregistrées.",
        "Bienvenido de nuevo. Sus respuestas están guardadas.",
    ),
    "After what you answered there is one more question here.": (
        "Nach Ihrer Antwort gibt es hier noch eine Frage.", "Après votre réponse, il y a encore une question ici.", "Tras su respuesta hay otra pregunta aquí.",
    ),
    "Please look at this again:": ("Bitte noch einmal ansehen:", "Veuillez vérifier :", "Por favor, revise:"),
    "Thank you": ("Vielen Dank", "Merci", "Gracias"),
    "Your answers are in.": ("Ihre Antworten sind angekommen.", "Vos réponses sont bien arrivées.", "Hemos recibido sus respuestas."),
    "Change my answers": ("Antworten ändern", "Modifier mes réponses", "Cambiar mis respuestas"),
    "You have answered already": ("Sie haben schon geantwortet", "Vous avez déjà répondu", "Ya ha respondido"),
    "Thank you. Your answers are in; nothing more is needed.": (
        "Danke. Ihre Antworten sind da, mehr ist nicht nötig.", "Merci. Vos réponses sont arrivées, il n’y a plus rien à faire.",
        "Gracias. Sus respuestas han llegado; no hace falta nada más.",
    ),
    "This survey is closed": ("Diese Umfrage ist geschlossen", "Cette enquête est close", "Esta encuesta está cerrada"),
    "It takes no more answers. Thank you for coming all the same.": (
        "Sie nimmt keine Antworten mehr an. Danke, dass Sie trotzdem gekommen sind.", "Elle n’accepte plus de réponses. Merci d’être venu quand même.",
        "Ya no admite respuestas. Gracias de todos modos.",
    ),
    "What you answered before is kept.": ("Was Sie geantwortet haben, bleibt erhalten.", "Vos réponses précédentes sont conservées.", "Lo que respondió antes se conserva."),
    "Surveys by mail": ("Umfragen per E-Mail", "Enquêtes par e-mail", "Encuestas por correo"),
    "No more surveys": ("Keine Umfragen mehr", "Plus d’enquêtes", "No más encuestas"),
    "We will not send you surveys any more. Other mails are not touched.": (
        "Wir senden Ihnen keine Umfragen mehr. Andere E-Mails sind nicht betroffen.", "Nous ne vous enverrons plus d’enquêtes. Les autres e-mails ne changent pas.",
        "No le enviaremos más encuestas. Los demás correos no cambian.",
    ),
    "Undo: you may ask me again": ("Rückgängig: Sie dürfen mich wieder fragen", "Annuler : vous pouvez me solliciter", "Deshacer: pueden volver a preguntarme"),
    "You may be asked again": ("Sie werden wieder gefragt", "Vous pourrez être sollicité", "Se le podrá preguntar de nuevo"),
    "Do you not want surveys any more?": ("Möchten Sie keine Umfragen mehr?", "Vous ne voulez plus d’enquêtes ?", "¿No quiere más encuestas?"),
    "One click, and no further survey is sent to you. Other mails are not touched.": (
        "Ein Klick, und Sie bekommen keine Umfrage mehr. Andere E-Mails sind nicht betroffen.",
        "Un clic, et plus aucune enquête ne vous sera envoyée. Les autres e-mails ne changent pas.",
        "Un clic y no se le enviará ninguna otra encuesta. Los demás correos no cambian.",
    ),
    "Anonymous: your answers are stored without your name, address or the time, mixed with those of others.": (
        "Anonym: Ihre Antworten werden ohne Namen, Adresse und Uhrzeit gespeichert, gemischt mit denen anderer.",
        "Anonyme : vos réponses sont enregistrées sans nom, adresse ni heure, mélangées à celles des autres.",
        "Anónima: sus respuestas se guardan sin nombre, dirección ni hora, mezcladas con las de otros.",
    ),
    " That you have answered is noted apart.": (
        " Dass Sie geantwortet haben, wird getrennt davon vermerkt.", " Le fait que vous ayez répondu est noté à part.", " Que usted ha respondido se anota aparte.",
    ),
    "Your answers are stored with your name. {organisation} sees them. Each page is saved.": (
        "Ihre Antworten werden mit Ihrem Namen gespeichert. {organisation} sieht sie. Jede Seite wird gesichert.",
        "Vos réponses sont enregistrées avec votre nom. {organisation} les voit. Chaque page est sauvegardée.",
        "Sus respuestas se guardan con su nombre. {organisation} las ve. Cada página queda guardada.",
    ),
    "Your answers are stored with the day. {organisation} sees them.": (
        "Ihre Antworten werden mit dem Tag gespeichert. {organisation} sieht sie.", "Vos réponses sont enregistrées avec la date. {organisation} les voit.",
        "Sus respuestas se guardan con la fecha. {organisation} las ve.",
    ),
    # what may be wrong with an answer; # stands for a number
    "Choose one of the answers.": ("Bitte wählen Sie eine der Antworten.", "Choisissez une des réponses.", "Elija una de las respuestas."),
    "Choose among the answers.": ("Bitte wählen Sie unter den Antworten.", "Choisissez parmi les réponses.", "Elija entre las respuestas."),
    "Please answer this question.": ("Bitte beantworten Sie diese Frage.", "Veuillez répondre à cette question.", "Por favor, responda a esta pregunta."),
    "Please answer every line.": ("Bitte beantworten Sie jede Zeile.", "Veuillez répondre à chaque ligne.", "Por favor, responda a cada línea."),
    "Please fill this in.": ("Bitte füllen Sie das aus.", "Veuillez remplir ce champ.", "Por favor, complete este campo."),
    "Please choose an answer.": ("Bitte wählen Sie eine Antwort.", "Veuillez choisir une réponse.", "Por favor, elija una respuesta."),
    "Please pick a number from # to #.": ("Bitte wählen Sie eine Zahl von # bis #.", "Choisissez un nombre de # à #.", "Elija un número del # al #."),
    "Please write what your other answer is.": ("Bitte schreiben Sie Ihre andere Antwort.", "Veuillez préciser votre autre réponse.", "Escriba cuál es su otra respuesta."),
    "Please choose # at most: these are #.": ("Bitte höchstens # wählen: es sind #.", "Choisissez-en # au plus : il y en a #.", "Elija # como máximo: hay #."),
    "Please choose at least #.": ("Bitte mindestens # wählen.", "Choisissez-en au moins #.", "Elija al menos #."),
    "Give each of the answers a place.": ("Bitte geben Sie den Antworten Plätze.", "Donnez un rang à chaque réponse.", "Dé un lugar a cada respuesta."),
    "Give each place once, beginning with 1.": ("Jeden Platz einmal vergeben, von 1 an.", "Donnez chaque rang une fois, à partir de 1.", "Dé cada lugar una vez, desde el 1."),
    "Please give every answer a place.": ("Bitte geben Sie jeder Antwort einen Platz.", "Donnez un rang à toutes les réponses.", "Dé un lugar a todas las respuestas."),
    "Choose one of the answers in each line.": ("Bitte in jeder Zeile eine Antwort wählen.", "Choisissez une réponse par ligne.", "Elija una respuesta en cada línea."),
    "That are # characters; # fit. Please shorten it.": ("Das sind # Zeichen; # passen. Bitte kürzen.", "Cela fait # caractères ; # au plus. Veuillez raccourcir.", "Son # caracteres; caben #. Acórtelo."),
    "Please write a number, such as # or #.#.": ("Bitte schreiben Sie eine Zahl, etwa # oder #,#.", "Écrivez un nombre, comme # ou #,#.", "Escriba un número, como # o #,#."),
    "Please write a number from # to #.": ("Bitte schreiben Sie eine Zahl von # bis #.", "Écrivez un nombre de # à #.", "Escriba un número del # al #."),
    "Please write a number from # on.": ("Bitte schreiben Sie eine Zahl ab #.", "Écrivez un nombre à partir de #.", "Escriba un número a partir de #."),
    "Please write a number up to #.": ("Bitte schreiben Sie eine Zahl bis #.", "Écrivez un nombre jusqu’à #.", "Escriba un número hasta #."),
    "Please write a date as year-month-day, such as ###.": ("Bitte schreiben Sie ein Datum als Jahr-Monat-Tag.", "Écrivez une date : année-mois-jour.", "Escriba una fecha: año-mes-día."),
}  # fmt: skip


@lru_cache(maxsize=4096)
def _said(english: str, language: str) -> str:
    """The pattern in this language. Figures in it are put in where they stood."""
    short = language.split("-")[0]
    if short not in LANGUAGES:
        return english
    at = LANGUAGES.index(short)
    if english in PHRASES:
        return PHRASES[english][at]
    figures = NUMBERS.findall(english)
    found = PHRASES.get(NUMBERS.sub("#", english))
    if found is None:
        return english
    said = found[at]
    for figure in figures:
        said = said.replace("#", figure, 1)
    return said


def say(english: str, language: str, **values: object) -> str:
    """In this language, with {names} filled in; in English where it is not known."""
    said = _said(english, language)
    for name, value in values.items():
        said = said.replace(f"{{{name}}}", str(value))
    return said


@lru_cache(maxsize=64)
def name(language: str) -> str:
    """What a language calls itself: Deutsch, français."""
    try:
        return (Locale.parse(language, sep="-").get_display_name() or language).capitalize()
    except (UnknownLocaleError, ValueError):
        return language
