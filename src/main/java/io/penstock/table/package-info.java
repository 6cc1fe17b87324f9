/**
 * Tables: compacted Kafka topics that every instance holds whole, as read-only views of global stores.
 */
@NullMarked
package io.penstock.table;

import org.jspecify.annotations.NullMarked;
