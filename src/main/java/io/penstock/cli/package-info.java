/**
 * The command line: {@code ./penstock ask}, {@code chat}, {@code collect}, {@code search}, {@code status} and {@code mirror}. A client
 * of the HTTP API that runs in a process of its own and uses nothing of the application but its jars.
 */
@NullMarked
package io.penstock.cli;

import org.jspecify.annotations.NullMarked;
