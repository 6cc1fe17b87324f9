/**
 * Vector ingestion: the text of an inference becomes embedded chunks, and the ledger keeps what was written, so that only what
 * changed is embedded again.
 */
@NullMarked
package io.penstock.ingest;

import org.jspecify.annotations.NullMarked;
