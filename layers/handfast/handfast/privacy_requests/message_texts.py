"""What people are written about their requests, in their languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from handfast.platform import clock
from handfast.privacy_requests import rules
from handfast.privacy_requests.deadlines import Calendar
from handfast.privacy_requests.models import Contact, Language, MessageKind, PrivacyRequest, PrivacyType


@dataclass(frozen=True)
class Text:
    """A mail as it is sent, in plain text."""

    subject: str
    body: str


@dataclass(frozen=True)
class Words:
    """A language's texts. `texts` are subject and body by the kind of message, of answers by what came of the request.

    `{type}` stands for the request's type, `{id}` for its id, `{organization}` for who answers, `{due}` for the day of
    the answer at the latest, `{code}` for the one-time code, `{reason}` for what a decision was given with.
    """

    types: Mapping[PrivacyType, str]
    texts: Mapping[str, tuple[str, str]]
    footer: str


_ENGLISH = Words(
    types={
        "access": "access to your data",
        "portability": "a copy of your data",
        "erasure": "erasure of your data",
        "rectification": "correction of your data",
        "restriction": "restriction of processing",
        "objection": "objection to processing",
        "limit": "limit of the use of sensitive data",
        "opt_out": "opt-out of sharing",
        "opt_in": "opt-in to sharing",
        "consent": "choice about sharing",
    },
    texts={
        "code": (
            "Your code: {code}",
            "{organization} was asked in your name for: {type}.\n\nTo show that it was you, give this code where you"
            " made the request: {code}\n\nIt works for ten minutes. If it was not you, you need do nothing.",
        ),
        "acknowledgement": (
            "We have received your request",
            "{organization} has received your request: {type}.\n\nYou are going to be answered by {due} at the latest.",
        ),
        "extension": (
            "Your request takes longer",
            "The answer to your request ({type}) takes {organization} longer, until {due} at the latest."
            "\n\nThe reason: {reason}",
        ),
        "fulfilled": ("Your request is completed", "{organization} has completed your request: {type}."),
        "package": (
            "Your data are ready",
            "{organization} has put your data together ({type}). You are given them separately, and the passphrase that"
            " opens them. Reply to this message if they do not reach you.",
        ),
        "partial": (
            "Your request is completed in part",
            "{organization} has completed your request ({type}) as far as it lies with us. Not all of those who have"
            " received your data, or process them for us, have confirmed it. Reply to this message to learn more.",
        ),
        "package_partial": (
            "Your data are ready, in part",
            "{organization} has put together your data ({type}) as far as it could. Not all systems that may hold data"
            " of you have answered. You are given what there is, and the passphrase that opens it, separately. Reply to"
            " this message to learn more.",
        ),
        "still_suppressed": (
            "Your request is completed in part",
            "{organization} has worked on your request ({type}). Data of you that you had asked us to erase, or not to"
            " share, stay blocked all the same: this request does not lift that. Reply to this message to learn more.",
        ),
        "package_withheld": (
            "Your data are ready, in part",
            "{organization} has put your data together ({type}). Parts of them are withheld; the package says what kind"
            " and why. You are given it separately, and the passphrase that opens it. Reply to this message if they do"
            " not reach you.",
        ),
        "no_match": (
            "We hold no data about you",
            "{organization} has found no data under what your request ({type}) names.",
        ),
        "denial": (
            "Your request is denied",
            "{organization} has denied your request: {type}.\n\nThe reason: {reason}\n\nYou can appeal: reply to this"
            " message, and somebody else decides. You can also complain to the supervisory authority or the attorney"
            " general of where you live, and seek a remedy in court.",
        ),
    },
    footer="Reference: {id}",
)

_GERMAN = Words(
    types={
        "access": "Auskunft über Ihre Daten",
        "portability": "Kopie Ihrer Daten",
        "erasure": "Löschung Ihrer Daten",
        "rectification": "Berichtigung Ihrer Daten",
        "restriction": "Einschränkung der Verarbeitung",
        "objection": "Widerspruch gegen die Verarbeitung",
        "limit": "begrenzte Nutzung sensibler Daten",
        "opt_out": "Widerspruch gegen die Weitergabe",
        "opt_in": "Zustimmung zur Weitergabe",
        "consent": "Entscheidung über die Weitergabe",
    },
    texts={
        "code": (
            "Ihr Code: {code}",
            "In Ihrem Namen wurde bei {organization} beantragt: {type}.\n\nGeben Sie zur Bestätigung diesen Code dort"
            " ein, wo Sie den Antrag gestellt haben: {code}\n\nEr gilt zehn Minuten. Wenn Sie das nicht waren, müssen"
            " Sie nichts tun; es geschieht dann nichts.",
        ),
        "acknowledgement": (
            "Ihr Antrag ist eingegangen",
            "{organization} hat Ihren Antrag erhalten: {type}.\n\nSie erhalten spätestens am {due} eine Antwort.",
        ),
        "extension": (
            "Ihr Antrag braucht mehr Zeit",
            "{organization} braucht für die Antwort auf Ihren Antrag ({type}) länger, spätestens bis {due}."
            "\n\nDer Grund: {reason}",
        ),
        "fulfilled": ("Ihr Antrag ist erledigt", "{organization} hat Ihren Antrag erledigt: {type}."),
        "package": (
            "Ihre Daten liegen bereit",
            "{organization} hat Ihre Daten zusammengestellt ({type}). Sie erhalten sie getrennt davon, ebenso das"
            " Kennwort, das sie öffnet. Antworten Sie auf diese Nachricht, wenn sie nicht ankommen.",
        ),
        "partial": (
            "Ihr Antrag ist teilweise erledigt",
            "{organization} hat Ihren Antrag ({type}) erledigt, soweit es an uns liegt. Nicht alle, die Ihre Daten"
            " erhalten haben oder für uns verarbeiten, haben das bestätigt. Antworten Sie auf diese Nachricht, um mehr"
            " zu erfahren.",
        ),
        "package_partial": (
            "Ihre Daten liegen teilweise bereit",
            "{organization} hat Ihre Daten zusammengestellt, soweit das möglich war ({type}). Nicht alle Systeme, in"
            " denen Daten über Sie liegen können, haben geantwortet. Sie erhalten, was vorliegt, und das Kennwort, das"
            " es öffnet, getrennt davon. Antworten Sie auf diese Nachricht, um mehr zu erfahren.",
        ),
        "still_suppressed": (
            "Ihr Antrag ist teilweise erledigt",
            "{organization} hat Ihren Antrag bearbeitet ({type}). Angaben über Sie, deren Löschung Sie verlangt oder"
            " deren Weitergabe Sie widersprochen haben, bleiben trotzdem gesperrt: Dieser Antrag hebt das nicht auf."
            " Antworten Sie auf diese Nachricht, um mehr zu erfahren.",
        ),
        "package_withheld": (
            "Ihre Daten liegen teilweise bereit",
            "{organization} hat Ihre Daten zusammengestellt ({type}). Teile davon werden zurückgehalten; was und warum,"
            " steht darin. Sie erhalten sie getrennt davon, ebenso das Kennwort, das sie öffnet. Antworten Sie auf"
            " diese Nachricht, wenn sie nicht ankommen.",
        ),
        "no_match": (
            "Wir haben keine Daten über Sie",
            "{organization} hat zu den Angaben Ihres Antrags ({type}) keine Daten gefunden.",
        ),
        "denial": (
            "Ihr Antrag ist abgelehnt",
            "{organization} hat Ihren Antrag abgelehnt: {type}.\n\nDer Grund: {reason}\n\nSie können widersprechen:"
            " Antworten Sie auf diese Nachricht, dann entscheidet jemand anderes. Sie können sich auch bei der"
            " Aufsichtsbehörde Ihres Wohnorts beschweren und den Rechtsweg beschreiten.",
        ),
    },
    footer="Aktenzeichen: {id}",
)

_JAPANESE = Words(
    types={
        "access": "個人データの開示",
        "portability": "個人データの写しの提供",
        "erasure": "個人データの消去",
        "rectification": "個人データの訂正",
        "restriction": "処理の制限",
        "objection": "処理への異議",
        "limit": "機微なデータの利用の制限",
        "opt_out": "第三者提供の停止",
        "opt_in": "第三者提供への同意",
        "consent": "第三者提供についての選択",
    },
    texts={
        "code": (
            "確認コード: {code}",
            "{organization}は、あなたのお名前で次のご請求を受けました: {type}\n\nご本人であることを確認するため、"
            "ご請求の画面で次のコードを入力してください: {code}\n\nコードの有効時間は10分です。お心当たりがない場合は、"
            "何もなさる必要はありません。ご請求は処理されません。",
        ),
        "acknowledgement": (
            "ご請求を受け付けました",
            "{organization}は、ご請求を受け付けました: {type}\n\n{due}までに回答いたします。",
        ),
        "extension": (
            "回答の期限を延長いたします",
            "{organization}は、ご請求({type})への回答の期限を{due}まで延長いたします。\n\n理由: {reason}",
        ),
        "fulfilled": ("ご請求の対応が完了しました", "{organization}は、ご請求への対応を完了しました: {type}"),
        "package": (
            "データの準備ができました",
            "{organization}は、あなたのデータをまとめました({type})。データとパスフレーズは別途お渡しいたします。"
            "届かない場合は、このメールにご返信ください。",
        ),
        "partial": (
            "ご請求の一部の対応が完了しました",
            "{organization}は、ご請求({type})に当社として可能な範囲で対応しました。データの提供先や委託先の一部からは、"
            "まだ確認が得られていません。詳しくは、このメールにご返信ください。",
        ),
        "package_partial": (
            "データの一部の準備ができました",
            "{organization}は、可能な範囲であなたのデータをまとめました({type})。データを保有する可能性のある"
            "システムの一部からは、まだ回答がありません。まとまったデータとパスフレーズは別途お渡しいたします。"
            "詳しくは、このメールにご返信ください。",
        ),
        "still_suppressed": (
            "ご請求の一部の対応が完了しました",
            "{organization}は、ご請求({type})に対応しました。ただし、以前に消去または提供の停止をご請求になったデータは、"
            "引き続き停止されています。今回のご請求では解除されません。詳しくは、このメールにご返信ください。",
        ),
        "package_withheld": (
            "データの一部の準備ができました",
            "{organization}は、あなたのデータをまとめました({type})。開示していない部分があり、その種類と理由はデータの中に"
            "記載しています。データとパスフレーズは別途お渡しいたします。届かない場合は、このメールにご返信ください。",
        ),
        "no_match": (
            "該当するデータはありません",
            "{organization}は、ご請求({type})の内容に該当するデータを保有していません。",
        ),
        "denial": (
            "ご請求に応じることができません",
            "{organization}は、ご請求に応じることができません: {type}\n\n理由: {reason}\n\n不服がある場合は、"
            "このメールにご返信ください。別の担当者が判断いたします。お住まいの地域の監督機関に苦情を申し立てること、"
            "裁判所に救済を求めることもできます。",
        ),
    },
    footer="受付番号: {id}",
)

WORDS: Mapping[Language, Words] = MappingProxyType({"en": _ENGLISH, "de": _GERMAN, "ja": _JAPANESE})
"""The texts of each language."""


def text_of(
    request: PrivacyRequest,
    kind: MessageKind,
    contact: Contact,
    organization: str,
    calendar: Calendar,
    reason: str | None = None,
) -> Text:
    """The message of that kind about a request, as it stands, from the organisation that answers it.

    `calendar` is the sandbox's, `reason` what a denial or an extension was given with.
    """
    words = WORDS[contact.language]
    subject, body = words.texts[_answer(request) if kind == "answer" else kind]
    values = {
        "type": words.types[request.type],
        "id": request.privacy_request_id,
        "organization": organization,
        "due": calendar.day_of(clock.from_text(request.due_at)).isoformat(),
        "code": contact.code or "",
        "reason": reason or "",
    }
    return Text(subject.format(**values), f"{body}\n\n{words.footer}\n".format(**values))


def _answer(request: PrivacyRequest) -> str:
    answer = rules.answer_of(request) or "fulfilled"
    if not rules.reads(request.type):
        return "still_suppressed" if answer == "partial" and rules.left_suppressed(request) else answer
    partial = "package_partial" if request.result.get("gaps") else "package_withheld"
    return {"fulfilled": "package", "partial": partial}.get(answer, answer)
