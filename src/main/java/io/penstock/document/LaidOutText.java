package io.penstock.document;

import org.xml.sax.Attributes;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** Lays out what a parser reports as XHTML, up to a length. */
final class LaidOutText extends DefaultHandler {
    private final TextLayout layout = new TextLayout();
    private final int maxCharacters;
    private int head;

    LaidOutText(int maxCharacters) {
        this.maxCharacters = maxCharacters;
    }

    /** There is more text than is wanted. */
    static final class TooLongException extends SAXException {
        TooLongException() {
            super("too long");
        }
    }

    @Override
    public void startElement(String uri, String localName, String qName, Attributes attributes) {
        if (localName.equals("head")) {
            head++;
        } else if (head == 0) {
            layout.open(localName);
        }
    }

    @Override
    public void endElement(String uri, String localName, String qName) {
        if (localName.equals("head")) {
            head--;
        } else if (head == 0) {
            layout.close(localName);
        }
    }

    @Override
    public void characters(char[] characters, int start, int length) throws SAXException {
        if (head > 0) {
            return;
        }
        if (length > maxCharacters - layout.length()) {
            throw new TooLongException();
        }
        layout.append(new String(characters, start, length));
    }

    /** Ends of lines come as such. */
    @Override
    public void ignorableWhitespace(char[] characters, int start, int length) throws SAXException {
        characters(characters, start, length);
    }

    String text() {
        return layout.text();
    }
}
