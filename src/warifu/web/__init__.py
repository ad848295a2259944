"""Screens, by audience; wings never lean on each other."""
