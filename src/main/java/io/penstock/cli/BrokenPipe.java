package io.penstock.cli;

import java.io.IOException;

/** Whoever reads what a command prints has gone; nothing is left to be done, and nobody to be told. */
final class BrokenPipe extends RuntimeException {
    BrokenPipe(IOException cause) {
        super(cause);
    }
}
