/** Tests of chunking and of the vector-ingestion topology. */
@NullMarked
package io.penstock.ingest;

import org.jspecify.annotations.NullMarked;
