package io.penstock.answer;

import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps what a language model writes while it reasons from its reply: what stands between {@value #OPEN} and {@value #CLOSE}, or
 * between the tags {@code think} that some models write by themselves. What is passed on never has to be taken back.
 *
 * <p>A model that was told to reason is not trusted to write the first tag: nothing is passed on until a tag has ended its
 * reasoning; when no tag ever came, all of it is the reply. Of a model that was not told to, only what begins with a tag at the
 * very beginning is reasoning. Reasoning that the model did not end goes on to the end.
 *
 * <pre>
 *  told to reason:  HOLDING -> REASONING <-> REPLYING
 *                      `-------------------->  ^
 *  not told to:     BEFORE -> REASONING -> PLAIN
 *                      `-------------------> ^
 * </pre>
 */
final class ReasoningFilter {
    static final String OPEN = "<reasoning>";
    static final String CLOSE = "</reasoning>";

    private static final Pattern TAG = Pattern.compile("<(/?)(reasoning|think)>", Pattern.CASE_INSENSITIVE);
    private static final String[] TAGS = {OPEN, CLOSE, "<think>", "</think>"};
    private static final int LONGEST_BEGINNING = CLOSE.length() - 1;

    private final Reasoning told;
    private final Consumer<String> out;
    /** What is not passed on yet; most of what is known to be reasoning is not here any more. */
    private final StringBuilder held = new StringBuilder();

    private State state;
    private boolean passedOn;

    private enum State {
        /** Nothing has come but white space, and perhaps the beginning of a tag. */
        BEFORE,
        /** No tag has come. */
        HOLDING,
        REASONING,
        /** The reply, in which more reasoning may come. */
        REPLYING,
        /** The reply, whatever comes. */
        PLAIN
    }

    /**
     * @param told what the model was told
     * @param out told the reply, without white space at its beginning
     */
    ReasoningFilter(Reasoning told, Consumer<String> out) {
        this.told = told;
        this.out = out;
        this.state = switch (told) {
            case DIRECT -> State.BEFORE;
            case STEP_BY_STEP -> State.HOLDING;
        };
    }

    /** The reply in all that a model wrote, without white space at its ends; empty when it wrote nothing but reasoning. */
    static String reply(Reasoning told, String written) {
        StringBuilder reply = new StringBuilder();
        ReasoningFilter filter = new ReasoningFilter(told, reply::append);
        filter.write(written);
        filter.end();
        return reply.toString().strip();
    }

    /** Whether a prompt names the tags between which a model is to reason. */
    static boolean isNamedIn(String prompt) {
        return prompt.contains(OPEN) && prompt.contains(CLOSE);
    }

    void write(String piece) {
        int from = Math.max(0, held.length() - LONGEST_BEGINNING); // a tag may have begun before the piece
        held.append(piece);
        if (state == State.BEFORE) {
            begin();
        }
        while (state != State.BEFORE && state != State.PLAIN) {
            Matcher tag = TAG.matcher(held);
            if (!tag.find(from)) {
                break;
            }
            boolean closing = !tag.group(1).isEmpty();
            int end = tag.end();
            if (state == State.REPLYING) {
                passOn(tag.start());
                end -= tag.start();
            }
            held.delete(0, end);
            state = closing ? replying() : State.REASONING;
            from = 0;
        }
        settle();
    }

    /** Nothing more comes. */
    void end() {
        if (state != State.REASONING) {
            passOn(held.length());
        }
    }

    /** Tells reasoning from a reply by how it begins, once that can be told. */
    private void begin() {
        int start = 0;
        while (start < held.length() && Character.isWhitespace(held.charAt(start))) {
            start++;
        }
        Matcher tag = TAG.matcher(held).region(start, held.length());
        if (tag.lookingAt() && tag.group(1).isEmpty()) {
            state = State.REASONING;
        } else if (start < held.length() && beginningOfTag() != start) {
            state = State.PLAIN;
        }
    }

    private State replying() {
        return switch (told) {
            case DIRECT -> State.PLAIN;
            case STEP_BY_STEP -> State.REPLYING;
        };
    }

    /** Passes on, or forgets, what keeps its meaning whatever follows. */
    private void settle() {
        switch (state) {
            case BEFORE, HOLDING -> {}
            case REASONING -> held.delete(0, Math.max(0, held.length() - LONGEST_BEGINNING));
            case REPLYING -> passOn(beginningOfTag());
            case PLAIN -> passOn(held.length());
        }
    }

    /** Where the end of what is held may be the beginning of a tag; its length, if nowhere. */
    private int beginningOfTag() {
        int start = held.lastIndexOf("<");
        if (start < 0) {
            return held.length();
        }
        String beginning = held.substring(start);
        for (String tag : TAGS) {
            if (tag.regionMatches(true, 0, beginning, 0, beginning.length())) {
                return start;
            }
        }
        return held.length();
    }

    private void passOn(int end) {
        int start = 0;
        while (!passedOn && start < end && Character.isWhitespace(held.charAt(start))) {
            start++;
        }
        if (start < end) {
            out.accept(held.substring(start, end));
            passedOn = true;
        }
        held.delete(0, end);
    }
}
