package io.penstock.seed;

/**
 * Something in the configuration folder that cannot be read or used.
 *
 * @param file path below the configuration folder, with slashes
 * @param line line in that file, from 1; 0 when it concerns the whole file
 * @param fault what is wrong and what to do
 */
public record SeedProblem(String file, int line, String fault) {
    @Override
    public String toString() {
        return line == 0 ? file + ": " + fault : file + ", line " + line + ": " + fault;
    }
}
