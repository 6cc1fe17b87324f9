package io.penstock.registry;

/** Hands out the embedded registry. */
public interface RegistryAccess {
    /**
     * The registry of this process.
     *
     * @throws io.penstock.error.PenstockException {@code not-ready} until it has started, or when another registry is in use
     */
    EmbeddedRegistry get();
}
