"""Verbs of 本人確認: look at pictures, see a number, confirm or send back (001-24 … 001-27)."""

from warifu.collection.actions.verification.confirmations import (
    ChecklistIncomplete,
    DayImpossible,
    NotAcceptable,
    NotAllOpened,
    Outcome,
    ResponsibleIsLast,
    SamePersonTwice,
    confirm,
)
from warifu.collection.actions.verification.looks import PictureNotReady, look, reveal
from warifu.collection.actions.verification.send_backs import ReasonsNeeded, send_back
from warifu.collection.actions.verification.shared import EnteredByYou, NothingToVerify, OwnRecord, WordsUnfit

__all__ = [
    "ChecklistIncomplete",
    "DayImpossible",
    "EnteredByYou",
    "NotAcceptable",
    "NotAllOpened",
    "NothingToVerify",
    "Outcome",
    "OwnRecord",
    "PictureNotReady",
    "ReasonsNeeded",
    "ResponsibleIsLast",
    "SamePersonTwice",
    "WordsUnfit",
    "confirm",
    "look",
    "reveal",
    "send_back",
]
