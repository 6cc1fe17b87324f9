package io.penstock.cli;

/** How a piece of text stands out on a terminal that shows colours. */
enum Style {
    PLAIN(""),
    BOLD("1"),
    DIM("2"),
    RED("31"),
    GREEN("32"),
    YELLOW("33"),
    CYAN("36");

    private final String parameter;

    Style(String parameter) {
        this.parameter = parameter;
    }

    /** The text between the sequences of ECMA-48 that turn the style on and off. */
    String around(String text) {
        return this == PLAIN ? text : "\u001b[" + parameter + "m" + text + "\u001b[0m";
    }
}
