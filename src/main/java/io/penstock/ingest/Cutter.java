package io.penstock.ingest;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/**
 * Cuts what is too long for one chunk: at white space if there is any, else between words, else between characters as people see
 * them, and never inside a surrogate pair. Looks at a bounded window at a time, so that its time grows with the text's length.
 */
final class Cutter {
    private static final int GUESSED_CHARACTERS_PER_TOKEN = 5;
    private static final int LOOK_AHEAD = 16;

    private final ToIntFunction<String> tokens;
    private final int maxCharacters;

    /** @param tokens counts the tokens of a piece, special tokens left out */
    Cutter(ToIntFunction<String> tokens, int maxCharacters) {
        this.tokens = tokens;
        this.maxCharacters = maxCharacters;
    }

    /** Pieces of a part of the text, in order, trimmed, each within the budget (or a single code point). */
    List<Span> cut(String text, Span part, int budget) {
        List<Span> pieces = new ArrayList<>();
        int guess = budget * GUESSED_CHARACTERS_PER_TOKEN;
        int start = part.start();
        while (start < part.end()) {
            Piece piece = piece(text, start, part.end(), budget, guess);
            Span.addTrimmed(pieces, text, start, piece.end());
            // the next piece probably has as many characters to a token
            guess = (int) Math.min(maxCharacters, (long) (piece.end() - start) * budget / Math.max(1, piece.tokens()));
            start = piece.end();
        }
        return pieces;
    }

    private record Piece(int end, int tokens) {}

    private Piece piece(String text, int start, int limit, int budget, int guess) {
        int length = Math.max(1, Math.min(maxCharacters, guess));
        boolean mayGrow = true;
        while (true) {
            int end = start + length >= limit ? limit : boundAtOrBefore(text, start, start + length, limit);
            int taken = end - start;
            int count = tokens.applyAsInt(text.substring(start, end));
            if (count > budget && taken > Character.charCount(text.codePointAt(start))) {
                mayGrow = false;
                length = (int) Math.min(taken - 1L, Math.max(1L, (long) taken * budget / count));
            } else if (mayGrow && end < limit && count * 2 < budget && length < maxCharacters) {
                mayGrow = false;
                length = (int) Math.min(maxCharacters, (long) length * budget / Math.max(1, count));
            } else {
                return new Piece(end, count);
            }
        }
    }

    /** The best place to cut, after start and not beyond guess unless one code point is longer. */
    private static int boundAtOrBefore(String text, int start, int guess, int limit) {
        for (int i = guess; i > start + (guess - start) / 2; i--) {
            if (Span.isSpace(text.charAt(i - 1)) || Span.isSpace(text.charAt(i))) {
                return i;
            }
        }
        String window = text.substring(start, Math.min(limit, guess + LOOK_AHEAD));
        int word = bound(BreakIterator.getWordInstance(Locale.ROOT), window, guess - start);
        if (word > 0) {
            return start + word;
        }
        int character = bound(BreakIterator.getCharacterInstance(Locale.ROOT), window, guess - start);
        if (character > 0) {
            return start + character;
        }
        boolean insidePair =
                Character.isHighSurrogate(text.charAt(guess - 1)) && Character.isLowSurrogate(text.charAt(guess));
        if (!insidePair) {
            return guess;
        }
        return guess - 1 > start ? guess - 1 : guess + 1;
    }

    private static int bound(BreakIterator iterator, String window, int at) {
        iterator.setText(window);
        return iterator.isBoundary(at) ? at : Math.max(0, iterator.preceding(at));
    }
}
