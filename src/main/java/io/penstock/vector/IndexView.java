package io.penstock.vector;

/**
 * How much of an index something covers.
 *
 * @param changes changes since the index was opened
 * @param offset highest offset of the source topic; -1 for none
 * @param completed completed items
 */
record IndexView(long changes, long offset, long completed) {}
