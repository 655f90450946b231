"""Flat still lifes of Korean goods, built from a small library of shapes and written as plain SVG."""
