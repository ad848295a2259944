"""Tables of the room 資格."""

from warifu.credentials.models.addresses import MailChange
from warifu.credentials.models.certificates import Authority, Certificate, Enrolment, RevocationList
from warifu.credentials.models.factors import Authenticator, MailCode, Passkey, PasskeyChallenge, RecoveryCode
from warifu.credentials.models.ids import (
    AccessKey,
    DeviceRestriction,
    HandOver,
    NoticeLook,
    RecoverySlips,
    ResetPhone,
    SealedNotice,
    SelfReset,
    UserId,
)
from warifu.credentials.models.programs import (
    ExternalIdentity,
    ExternalSignIn,
    IdempotencyKey,
    IdentityProvider,
    ProvisionedMember,
    SigningKey,
    SisterCode,
    SisterService,
    Token,
)
from warifu.credentials.models.signin import Activation, Attempt, Password, Session, SignIn

__all__ = [
    "AccessKey",
    "Activation",
    "Attempt",
    "Authenticator",
    "Authority",
    "Certificate",
    "DeviceRestriction",
    "Enrolment",
    "ExternalIdentity",
    "ExternalSignIn",
    "HandOver",
    "IdempotencyKey",
    "IdentityProvider",
    "MailChange",
    "MailCode",
    "NoticeLook",
    "Passkey",
    "PasskeyChallenge",
    "Password",
    "ProvisionedMember",
    "RecoveryCode",
    "RecoverySlips",
    "ResetPhone",
    "RevocationList",
    "SealedNotice",
    "SelfReset",
    "Session",
    "SignIn",
    "SigningKey",
    "SisterCode",
    "SisterService",
    "Token",
    "UserId",
]
