package io.penstock.seed;

import java.util.List;

/**
 * What one file holds.
 *
 * @param name path below the configuration folder, with slashes
 * @param hash SHA-256, in hexadecimal, of the file and of those it names
 */
public record SeedFile<T>(String name, String hash, List<T> content) {
    public SeedFile {
        content = List.copyOf(content);
    }
}
