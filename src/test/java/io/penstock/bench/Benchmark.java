package io.penstock.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** One thing that can be measured. It has no state: everything happens in {@code run}. */
interface Benchmark {
    /** What it is called on the command line. */
    String name();

    /** What it measures, in one line, with its arguments. */
    String about();

    /**
     * What these arguments ask for.
     *
     * @param arguments those after the name
     * @throws IllegalArgumentException when an argument cannot be used
     */
    Measurement with(List<String> arguments);

    /** Measures once. */
    interface Measurement {
        /**
         * Measures, and prints what it does and a table of what it found.
         *
         * @param folder of its own, empty; for all that is written meanwhile
         * @return the figures by their names, which are printed as the last line
         */
        ObjectNode run(Path folder, PrintStream out) throws Exception;
    }
}
