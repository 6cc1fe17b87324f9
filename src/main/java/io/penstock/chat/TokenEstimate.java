package io.penstock.chat;

/**
 * Roughly how many tokens a text has. Each language model cuts text its own way, and bounds need no better: four characters of
 * ASCII, or one other UTF-16 unit, count as one token.
 */
final class TokenEstimate {
    private static final int ASCII_OF_A_TOKEN = 4;
    private static final int END_OF_ASCII = 128;

    private TokenEstimate() {}

    static int of(String text) {
        long quarters = 0;
        for (int i = 0; i < text.length(); i++) {
            quarters += quarters(text.charAt(i));
        }
        return (int) ((quarters + ASCII_OF_A_TOKEN - 1) / ASCII_OF_A_TOKEN);
    }

    /** The beginning of the text that has at most so many tokens. */
    static String beginning(String text, int tokens) {
        long left = (long) tokens * ASCII_OF_A_TOKEN;
        for (int i = 0; i < text.length(); i++) {
            left -= quarters(text.charAt(i));
            if (left < 0) {
                boolean splitsPair = i > 0 && Character.isLowSurrogate(text.charAt(i));
                return text.substring(0, splitsPair ? i - 1 : i);
            }
        }
        return text;
    }

    private static int quarters(char c) {
        return c < END_OF_ASCII ? 1 : ASCII_OF_A_TOKEN;
    }
}
