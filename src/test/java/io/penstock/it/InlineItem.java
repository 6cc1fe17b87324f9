package io.penstock.it;

/** An entry of a data list that holds its record itself. */
record InlineItem(String value, String label, String text) {}
