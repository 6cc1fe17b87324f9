package io.penstock.document;

import io.penstock.document.Exchange.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import org.apache.tika.detect.Detector;
import org.apache.tika.extractor.EmbeddedDocumentExtractor;
import org.apache.tika.extractor.ParsingEmbeddedDocumentExtractor;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.mime.MediaType;
import org.apache.tika.parser.ParseContext;
import org.xml.sax.ContentHandler;
import org.xml.sax.SAXException;

/**
 * Reads documents inside of documents, such as the parts of an e-mail: as many and as deep as is allowed. Pictures, sounds and
 * whatever else has no parser are passed over. One that cannot be read does not spoil what it lies in.
 */
final class EmbeddedParts implements EmbeddedDocumentExtractor {
    private final Detector detector;
    private final Set<MediaType> readable;
    private final Limits limits;
    private final ParsingEmbeddedDocumentExtractor parts;
    private int read;
    private int depth;
    private int leftOut;

    /** @param context of the document, with the parser of its parts */
    EmbeddedParts(ParseContext context, Detector detector, Set<MediaType> readable, Limits limits) {
        this.detector = detector;
        this.readable = readable;
        this.limits = limits;
        parts = new ParsingEmbeddedDocumentExtractor(context);
        parts.setWriteFileNameToContent(true);
    }

    @Override
    public boolean shouldParseEmbedded(Metadata metadata) {
        return true;
    }

    @Override
    public void parseEmbedded(InputStream stream, ContentHandler handler, Metadata metadata, boolean outputHtml)
            throws SAXException, IOException {
        if (read >= limits.maxEmbedded() || depth >= limits.maxDepth()) {
            leftOut++;
            return;
        }
        TikaInputStream in = TikaInputStream.get(stream);
        if (!readable.contains(detector.detect(in, metadata).getBaseType())) {
            return;
        }
        read++;
        depth++;
        try {
            parts.parseEmbedded(in, handler, metadata, outputHtml);
        } finally {
            depth--;
        }
    }

    int leftOut() {
        return leftOut;
    }
}
