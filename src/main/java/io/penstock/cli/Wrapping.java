package io.penstock.cli;

/**
 * Breaks text that comes in pieces into the lines of a terminal, between words. A word is held back until it is known to be whole.
 * What is not a terminal gets the text as it is, behind one indent.
 */
final class Wrapping {
    private final Screen screen;
    private final String indent;
    private final int columns;
    private final StringBuilder word = new StringBuilder();
    private final StringBuilder blanks = new StringBuilder();
    private int wordColumns;
    private int column;
    private boolean atStart = true;
    private char half;

    Wrapping(Screen screen, String indent) {
        this.screen = screen;
        this.indent = indent;
        this.columns = screen.isTerminal() ? Math.max(20, screen.columns() - Width.of(indent)) : Integer.MAX_VALUE;
    }

    void append(String piece) {
        String text = half == 0 ? piece : half + piece;
        half = 0;
        if (!text.isEmpty() && Character.isHighSurrogate(text.charAt(text.length() - 1))) {
            half = text.charAt(text.length() - 1); // its other half is in the next piece
            text = text.substring(0, text.length() - 1);
        }
        if (columns == Integer.MAX_VALUE) {
            if (atStart && !text.isEmpty()) {
                screen.print(indent);
                atStart = false;
            }
            screen.print(text);
        } else {
            text.codePoints().forEach(this::append);
        }
    }

    private void append(int codePoint) {
        if (codePoint == '\n') {
            flush();
            newLine();
        } else if (Character.isWhitespace(codePoint)) {
            flush();
            blanks.append(' ');
        } else {
            word.appendCodePoint(codePoint);
            wordColumns += Width.of(codePoint);
            if (Width.isWide(codePoint) || wordColumns > columns / 2) {
                flush(); // scripts without blanks break anywhere, and so must very long words
            }
        }
    }

    private void flush() {
        if (word.isEmpty()) {
            return;
        }
        if (column > 0 && column + blanks.length() + wordColumns > columns) {
            newLine();
        }
        if (atStart) {
            screen.print(indent);
            atStart = false;
        }
        screen.print(blanks + word.toString());
        column += blanks.length() + wordColumns;
        blanks.setLength(0);
        word.setLength(0);
        wordColumns = 0;
    }

    private void newLine() {
        screen.line();
        column = 0;
        atStart = true;
        blanks.setLength(0);
    }

    /** Prints what was held back. */
    void end() {
        flush();
        blanks.setLength(0);
    }
}
