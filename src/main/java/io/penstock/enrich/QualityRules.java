package io.penstock.enrich;

import io.penstock.error.ErrorCode;
import io.penstock.schema.Quality;
import java.util.Optional;

/**
 * Which texts are worth keeping.
 *
 * @param minLetters letters that a text needs
 */
public record QualityRules(int minLetters) {
    /** Share of characters that people can read. Random bytes taken for windows-1252 reach 0.86, prose 0.99 and more. */
    static final double MIN_READABLE = 0.9;

    private static final double MAX_REPLACED = 0.02;
    private static final int REPLACEMENT = 0xFFFD;

    /** Forty letters. */
    public static final QualityRules DEFAULT = new QualityRules(40);

    /** What was measured, and why the text is refused, if it is. */
    public record Verdict(Quality quality, Optional<Refusal> refusal) {}

    /** Why a text is refused. */
    public record Refusal(ErrorCode code, String reason) {}

    public Verdict judge(ExtractedText extracted) {
        int letters = 0;
        int characters = extracted.dropped();
        int readable = 0;
        int replaced = 0;
        String text = extracted.text();
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            characters++;
            letters += Character.isLetter(c) ? 1 : 0;
            replaced += c == REPLACEMENT ? 1 : 0;
            readable += isReadable(c) ? 1 : 0;
        }
        double share = characters == 0 ? 1 : (double) readable / characters;
        Quality quality =
                Quality.newBuilder().setLetters(letters).setReadable(share).build();
        return new Verdict(quality, refusal(text, letters, share, replaced));
    }

    private Optional<Refusal> refusal(String text, int letters, double share, int replaced) {
        if (text.isBlank()) {
            return refuse(ErrorCode.QUALITY_EMPTY, "There is no text in it.");
        }
        if (share < MIN_READABLE || replaced > MAX_REPLACED * text.length()) {
            return refuse(
                    ErrorCode.QUALITY_UNREADABLE,
                    "Only %.0f %% of its characters are readable, %d were undecodable; is the content type right?"
                            .formatted(Math.floor(share * 100), replaced));
        }
        if (letters < minLetters) {
            return refuse(ErrorCode.QUALITY_SHORT, "It has " + letters + " letters; " + minLetters + " are the least.");
        }
        return Optional.empty();
    }

    private static Optional<Refusal> refuse(ErrorCode code, String reason) {
        return Optional.of(new Refusal(code, reason));
    }

    private static boolean isReadable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL -> c == '\n' || c == '\t';
            case Character.UNASSIGNED, Character.PRIVATE_USE, Character.SURROGATE -> false;
            default -> c != REPLACEMENT;
        };
    }
}
