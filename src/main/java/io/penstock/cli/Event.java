package io.penstock.cli;

/**
 * One event of a stream.
 *
 * @param name {@code message} when it has none
 * @param id empty when it has none of its own
 */
record Event(String name, String data, String id) {}
