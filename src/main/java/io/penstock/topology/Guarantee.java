package io.penstock.topology;

import java.util.Optional;

/** The processing guarantee of a topology. */
public enum Guarantee {
    EXACTLY_ONCE_V2("exactly_once_v2"),
    AT_LEAST_ONCE("at_least_once"),
    /** For topologies of global stores only, which process nothing. */
    NONE("none");

    private final String text;

    Guarantee(String text) {
        this.text = text;
    }

    /** As it is written in files and answers. */
    public String text() {
        return text;
    }

    static Optional<Guarantee> of(String text) {
        for (Guarantee guarantee : values()) {
            if (guarantee.text.equals(text)) {
                return Optional.of(guarantee);
            }
        }
        return Optional.empty();
    }
}
