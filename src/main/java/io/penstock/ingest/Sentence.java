package io.penstock.ingest;

/** A sentence or a heading. */
record Sentence(Span span, Opening opening) {}
