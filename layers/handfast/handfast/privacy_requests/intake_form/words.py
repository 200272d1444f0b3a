"""What an intake form says, in its languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from handfast.privacy_requests.intake_form.models import FormType, ReceiptState
from handfast.privacy_requests.models import Language


@dataclass(frozen=True)
class Words:
    """A language's texts. `errors` are of the form's fields by name, and of what stops all of it, by a word.

    `{organization}` stands for who answers, `{day}` for the day of the answer at the latest, `{minutes}` for how long
    to wait, `{left}` for the tries that are left.
    """

    name: str
    title: str
    lead: str
    type: str
    types: Mapping[FormType, str]
    regulation: str
    regulation_hint: str
    choose: str
    email: str
    email_hint: str
    phone: str
    phone_hint: str
    note: str
    note_hint: str
    optional: str
    trap: str
    send: str
    policy: str
    new_tab: str
    errors_title: str
    errors: Mapping[str, str]
    receipt_title: str
    states: Mapping[ReceiptState, tuple[str, str]]
    unwritten: str
    code: str
    code_hint: str
    code_send: str
    keep: str
    request: str
    gone_title: str
    gone: str


_ENGLISH = Words(
    name="English",
    title="Your data, your rights",
    lead="Tell {organization} what should happen with your personal data.",
    type="What do you ask for?",
    types={
        "access": "Tell me what data you hold about me",
        "portability": "Give me a copy of my data to take elsewhere",
        "erasure": "Erase my data",
        "rectification": "Correct my data",
        "restriction": "Restrict what is done with my data",
        "objection": "I object to the use of my data",
        "limit": "Limit the use of my sensitive data",
        "opt_out": "Stop sharing or selling my data",
        "opt_in": "Share my data again",
    },
    regulation="Under which law?",
    regulation_hint="Choose that of the place where you live.",
    choose="Please choose",
    email="E-mail address",
    email_hint="The one under which you are known. We write to it: mostly a code to begin with, so that nobody else"
    " can ask in your name.",
    phone="Phone number",
    phone_hint="Only for requests that need no proof of who you are. We cannot check a number here.",
    note="Which data are wrong, and how?",
    note_hint="Only for a correction. Leave out addresses and numbers: we ask for the right ones.",
    optional="optional",
    trap="Leave this empty",
    send="Send the request",
    policy="Privacy policy of {organization}",
    new_tab="opens in a new tab",
    errors_title="Please look at this again",
    errors={
        "type": "Choose a request that the law you chose grants.",
        "regulation": "Choose a law.",
        "email": "Give one e-mail address, such as name@example.com.",
        "phone": "Give a phone number with its country, such as +1 415 555 0123, for requests without a proof alone;"
        " else leave it empty.",
        "note": "Say which data are wrong, for a correction alone, without addresses and phone numbers.",
        "website": "The last field has to stay empty.",
        "code": "This is not the code. Tries left: {left}.",
        "code_form": "A code has six digits.",
        "too_many": "Too many requests. Please try again in {minutes} minutes.",
        "no_sender": "We cannot send codes at present, so that this request cannot be made here. Our privacy policy"
        " says how else to reach us.",
        "other": "This could not be sent. Please try again.",
    },
    receipt_title="Your request",
    states={
        "received": ("Received", "Nothing is done yet: we have to know that the address is yours."),
        "confirmed": ("Confirmed", "We look at your request, and answer by {day} at the latest."),
        "in_progress": ("In progress", "We are working on it, and answer by {day} at the latest."),
        "answered": ("Answered", "What came of it is told to you alone, not on this page."),
        "closed": (
            "Closed",
            "It was not confirmed in time, or was taken back, and nothing is done. You can make a new request.",
        ),
    },
    unwritten="We cannot write to you at present: keep the address of this page, which shows where your"
    " request stands.",
    code="Code from our message",
    code_hint="Six digits, sent to your e-mail address. They work for ten minutes; look among unwanted mail as well.",
    code_send="Confirm",
    keep="Open this page on its own, to keep its address",
    request="Request",
    gone_title="There is nothing here",
    gone="This form or receipt is not here, or no longer. Look for the form on the website that you came from.",
)

_GERMAN = Words(
    name="Deutsch",
    title="Ihre Daten, Ihre Rechte",
    lead="Sagen Sie {organization}, was mit Ihren personenbezogenen Daten geschehen soll.",
    type="Was möchten Sie?",
    types={
        "access": "Auskunft, welche Daten Sie über mich haben",
        "portability": "Eine Kopie meiner Daten zum Mitnehmen",
        "erasure": "Meine Daten löschen lassen",
        "rectification": "Meine Daten berichtigen lassen",
        "restriction": "Die Verarbeitung meiner Daten einschränken lassen",
        "objection": "Der Verarbeitung meiner Daten widersprechen",
        "limit": "Die Nutzung meiner sensiblen Daten begrenzen",
        "opt_out": "Der Weitergabe oder dem Verkauf meiner Daten widersprechen",
        "opt_in": "Der Weitergabe meiner Daten wieder zustimmen",
    },
    regulation="Nach welchem Recht?",
    regulation_hint="Wählen Sie das Ihres Wohnorts.",
    choose="Bitte wählen",
    email="E-Mail-Adresse",
    email_hint="Die Adresse, unter der Sie bekannt sind. Dorthin schreiben wir, meist zuerst einen Code, damit niemand"
    " sonst in Ihrem Namen etwas beantragt.",
    phone="Telefonnummer",
    phone_hint="Nur für Anträge, die keinen Nachweis brauchen. Eine Nummer können wir hier nicht prüfen.",
    note="Welche Daten sind falsch, und wie?",
    note_hint="Nur für eine Berichtigung. Bitte keine Adressen und Nummern: Nach den richtigen fragen wir Sie.",
    optional="freiwillig",
    trap="Bitte leer lassen",
    send="Antrag absenden",
    policy="Datenschutzerklärung von {organization}",
    new_tab="öffnet einen neuen Tab",
    errors_title="Bitte prüfen Sie Ihre Angaben",
    errors={
        "type": "Wählen Sie einen Antrag, den das gewählte Recht vorsieht.",
        "regulation": "Wählen Sie ein Recht.",
        "email": "Geben Sie eine E-Mail-Adresse an, etwa name@example.com.",
        "phone": "Geben Sie eine Nummer mit Landesvorwahl an, etwa +49 30 23125001, und nur für Anträge ohne Nachweis;"
        " sonst lassen Sie das Feld leer.",
        "note": "Sagen Sie, welche Daten falsch sind, nur für eine Berichtigung, ohne Adressen und Telefonnummern.",
        "website": "Das letzte Feld muss leer bleiben.",
        "code": "Das ist nicht der Code. Verbleibende Versuche: {left}.",
        "code_form": "Ein Code hat sechs Ziffern.",
        "too_many": "Zu viele Anträge. Bitte versuchen Sie es in {minutes} Minuten erneut.",
        "no_sender": "Wir können derzeit keine Codes senden, deshalb ist dieser Antrag hier nicht möglich. Wie Sie uns"
        " sonst erreichen, steht in der Datenschutzerklärung.",
        "other": "Das konnte nicht gesendet werden. Bitte versuchen Sie es erneut.",
    },
    receipt_title="Ihr Antrag",
    states={
        "received": ("Eingegangen", "Noch geschieht nichts: Wir müssen wissen, dass die Adresse Ihre ist."),
        "confirmed": ("Bestätigt", "Wir prüfen Ihren Antrag und antworten spätestens am {day}."),
        "in_progress": ("In Bearbeitung", "Wir arbeiten daran und antworten spätestens am {day}."),
        "answered": ("Beantwortet", "Das Ergebnis erfahren nur Sie, nicht diese Seite."),
        "closed": (
            "Geschlossen",
            "Er wurde nicht rechtzeitig bestätigt oder zurückgenommen, und es geschieht nichts. Sie können einen neuen"
            " Antrag stellen.",
        ),
    },
    unwritten="Wir können Ihnen derzeit nicht schreiben: Bewahren Sie die Adresse dieser Seite auf, die den Stand"
    " Ihres Antrags zeigt.",
    code="Code aus unserer Nachricht",
    code_hint="Sechs Ziffern, gesendet an Ihre E-Mail-Adresse. Sie gelten zehn Minuten; sehen Sie auch in"
    " unerwünschter Post nach.",
    code_send="Bestätigen",
    keep="Diese Seite für sich öffnen, um ihre Adresse aufzubewahren",
    request="Antrag",
    gone_title="Hier ist nichts",
    gone="Dieses Formular oder diesen Beleg gibt es nicht, oder nicht mehr. Suchen Sie das Formular auf der Website,"
    " von der Sie kommen.",
)

_JAPANESE = Words(
    name="日本語",
    title="個人データに関するご請求",
    lead="{organization}に、あなたの個人データの取り扱いについて請求できます。",
    type="ご請求の内容",
    types={
        "access": "保有している私のデータの開示",
        "portability": "私のデータの写しの提供",
        "erasure": "私のデータの消去",
        "rectification": "私のデータの訂正",
        "restriction": "私のデータの処理の制限",
        "objection": "私のデータの利用への異議",
        "limit": "私の機微なデータの利用の制限",
        "opt_out": "私のデータの第三者提供や販売の停止",
        "opt_in": "私のデータの第三者提供の再開",
    },
    regulation="適用される法律",
    regulation_hint="お住まいの地域の法律を選んでください。",
    choose="選択してください",
    email="メールアドレス",
    email_hint="ご登録のアドレスです。他の人があなたの名前で請求できないよう、多くの場合、まず確認コードをお送りします。",
    phone="電話番号",
    phone_hint="本人確認の要らないご請求にだけ使います。ここでは番号を確認できません。",
    note="どのデータが、どのように誤っていますか",
    note_hint="訂正のご請求の場合だけご記入ください。住所や番号は書かないでください。正しいものは後ほど伺います。",
    optional="任意",
    trap="空欄のままにしてください",
    send="請求を送信",
    policy="{organization}のプライバシーポリシー",
    new_tab="新しいタブで開きます",
    errors_title="次の項目をご確認ください",
    errors={
        "type": "選んだ法律が認めるご請求を選んでください。",
        "regulation": "法律を選んでください。",
        "email": "メールアドレスを一つ入力してください(例: name@example.com)。",
        "phone": "本人確認の要らないご請求の場合だけ、国番号を付けて入力してください(例: +81 3 1234 5678)。"
        "それ以外は空欄にしてください。",
        "note": "訂正のご請求の場合だけ、誤っているデータを、アドレスや電話番号を書かずにご記入ください。",
        "website": "最後の欄は空欄のままにしてください。",
        "code": "コードが違います。残りの回数: {left}",
        "code_form": "コードは6桁の数字です。",
        "too_many": "ご請求が多すぎます。{minutes}分後にもう一度お試しください。",
        "no_sender": "現在コードをお送りできないため、ここではこのご請求を受け付けられません。"
        "他の連絡方法はプライバシーポリシーをご覧ください。",
        "other": "送信できませんでした。もう一度お試しください。",
    },
    receipt_title="あなたのご請求",
    states={
        "received": ("受付済み", "まだ何も行っていません。アドレスがご本人のものか確認が必要です。"),
        "confirmed": ("確認済み", "ご請求を確認しています。{day}までに回答いたします。"),
        "in_progress": ("対応中", "対応しています。{day}までに回答いたします。"),
        "answered": ("回答済み", "結果はこのページではなく、ご本人にだけお伝えします。"),
        "closed": ("終了", "期限内に確認されなかったか、取り下げられたため、何も行いません。新たに請求できます。"),
    },
    unwritten="現在メールをお送りできません。ご請求の状況を示すこのページのアドレスを保存してください。",
    code="メールに記載のコード",
    code_hint="メールアドレスにお送りした6桁の数字です。有効時間は10分です。迷惑メールもご確認ください。",
    code_send="確認する",
    keep="このページを単独で開いて、アドレスを保存する",
    request="ご請求",
    gone_title="ページが見つかりません",
    gone="このフォームまたは受付票はないか、なくなりました。元のウェブサイトでフォームをお探しください。",
)

WORDS: Mapping[Language, Words] = MappingProxyType({"en": _ENGLISH, "de": _GERMAN, "ja": _JAPANESE})
"""The texts of each language."""
