package io.penstock.answer;

/**
 * A sentence of a longer text.
 *
 * @param text exactly the substring {@code start..end} (UTF-16 units) of that text, without white space around it
 */
record Sentence(String text, int start, int end) {}
