package io.penstock.document;

import io.penstock.document.Exchange.Fault;
import io.penstock.document.Exchange.Limits;
import io.penstock.document.Exchange.Order;
import io.penstock.document.Exchange.Reply;
import io.penstock.document.LaidOutText.TooLongException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.poi.openxml4j.util.ZipSecureFile;
import org.apache.tika.detect.DefaultDetector;
import org.apache.tika.detect.Detector;
import org.apache.tika.exception.EncryptedDocumentException;
import org.apache.tika.exception.TikaException;
import org.apache.tika.exception.UnsupportedFormatException;
import org.apache.tika.exception.WriteLimitReachedException;
import org.apache.tika.exception.ZeroByteFileException;
import org.apache.tika.extractor.EmbeddedDocumentExtractor;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.HttpHeaders;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.mime.MediaType;
import org.apache.tika.parser.AutoDetectParser;
import org.apache.tika.parser.ParseContext;
import org.apache.tika.parser.Parser;
import org.apache.tika.parser.html.JSoupParser;
import org.apache.tika.parser.mail.RFC822Parser;
import org.apache.tika.parser.microsoft.OfficeParser;
import org.apache.tika.parser.microsoft.OfficeParserConfig;
import org.apache.tika.parser.microsoft.ooxml.OOXMLParser;
import org.apache.tika.parser.microsoft.rtf.RTFParser;
import org.apache.tika.parser.pdf.PDFParser;
import org.apache.tika.parser.pdf.PDFParserConfig;
import org.apache.tika.parser.txt.TXTParser;
import org.jspecify.annotations.Nullable;
import org.xml.sax.SAXException;

/**
 * Reads a document with Apache Tika: its parsers are named here, so that none is found by chance, and none of them starts a program,
 * recognises characters in pictures, or opens a connection. Used by one thread, in a process of its own: bounds that are global to
 * a library are set for all of it.
 */
final class TikaReader {
    private static final long MAX_ENTRY_BYTES = 256L * 1024 * 1024;
    private static final long MAX_ENTRY_CHARACTERS = 64L * 1024 * 1024;
    private static final long PDF_MEMORY_BYTES = 64L * 1024 * 1024;
    private static final MediaType EMAIL = MediaType.parse("message/rfc822");

    private final Detector detector = new DefaultDetector();
    private final Parser pdf = new PDFParser();
    private final Parser email = new RFC822Parser();
    private final AutoDetectParser parser = new AutoDetectParser(
            detector,
            pdf,
            new OfficeParser(),
            new OOXMLParser(),
            new RTFParser(),
            email,
            // What e-mails are made of; as documents of their own they do not come here.
            new JSoupParser(),
            new TXTParser());
    private final Set<MediaType> readable;

    TikaReader() {
        ZipSecureFile.setMaxEntrySize(MAX_ENTRY_BYTES);
        ZipSecureFile.setMaxTextSize(MAX_ENTRY_CHARACTERS);
        readable = Set.copyOf(parser.getParsers(new ParseContext()).keySet());
    }

    Reply read(Order order) {
        if (order.content().length == 0) {
            return new Reply.Read(new DocumentText(null, "", Map.of()));
        }
        Metadata metadata = new Metadata();
        LaidOutText text = new LaidOutText(order.limits().maxCharacters());
        try (TikaInputStream in = TikaInputStream.get(order.content())) {
            MediaType type = detected(order, in);
            if (!readable.contains(type.getBaseType())) {
                return unreadable(order, type);
            }
            metadata.set(HttpHeaders.CONTENT_TYPE, type.toString());
            metadata.set(TikaCoreProperties.CONTENT_TYPE_USER_OVERRIDE, type.toString());
            ParseContext context = context();
            EmbeddedParts parts = new EmbeddedParts(context, detector, readable, order.limits());
            context.set(EmbeddedDocumentExtractor.class, parts);
            parser.parse(in, text, metadata, context);
            return new Reply.Read(DocumentMetadata.text(metadata, type, order.type(), text.text(), parts.leftOut()));
        } catch (ZeroByteFileException e) {
            return new Reply.Read(new DocumentText(null, "", Map.of()));
        } catch (IOException | SAXException | TikaException | RuntimeException e) {
            return refused(e, order.limits());
        }
    }

    /** What the bytes say, made more precise by name and declaration; an e-mail is plain text, so the declaration decides. */
    private MediaType detected(Order order, TikaInputStream in) throws IOException {
        Metadata hints = new Metadata();
        if (!order.name().isEmpty()) {
            hints.set(TikaCoreProperties.RESOURCE_NAME_KEY, order.name());
        }
        MediaType declared = MediaType.parse(order.type());
        if (declared != null) {
            hints.set(HttpHeaders.CONTENT_TYPE, declared.toString());
        }
        MediaType found = detector.detect(in, hints);
        boolean isText = found.getType().equals("text") || found.equals(MediaType.OCTET_STREAM);
        return declared != null && isText && declared.getBaseType().equals(EMAIL) ? EMAIL : found;
    }

    private static Reply unreadable(Order order, MediaType type) {
        boolean isDeclared = type.getBaseType().toString().equalsIgnoreCase(order.type());
        String found = type.equals(MediaType.OCTET_STREAM) || isDeclared ? "" : " It was found to be " + type + ".";
        return new Reply.Refused(
                Fault.UNSUPPORTED,
                "There is no text extraction for the content type '" + order.type() + "'." + found
                        + " Text, Markdown, HTML, JSON, PDF, Microsoft Office, RTF and e-mail are read.");
    }

    private ParseContext context() {
        PDFParserConfig pdf = new PDFParserConfig();
        pdf.setOcrStrategy(PDFParserConfig.OCR_STRATEGY.NO_OCR);
        pdf.setExtractInlineImages(false);
        pdf.setExtractActions(false);
        pdf.setExtractAnnotationText(false);
        pdf.setExtractBookmarksText(false);
        pdf.setMaxMainMemoryBytes(PDF_MEMORY_BYTES);
        OfficeParserConfig office = new OfficeParserConfig();
        office.setExtractMacros(false);
        office.setIncludeHeadersAndFooters(false);
        office.setIncludeSlideMasterContent(false);
        office.setIncludeDeletedContent(false);
        office.setIncludeMoveFromContent(false);
        office.setUseSAXDocxExtractor(true);
        office.setUseSAXPptxExtractor(true);
        ParseContext context = new ParseContext();
        context.set(PDFParserConfig.class, pdf);
        context.set(OfficeParserConfig.class, office);
        context.set(Parser.class, parser);
        return context;
    }

    private static Reply refused(Exception failure, Limits limits) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TooLongException || cause instanceof WriteLimitReachedException) {
                return new Reply.Refused(
                        Fault.TOO_LONG,
                        "Its text has more than " + limits.maxCharacters()
                                + " characters. Capture smaller parts of it.");
            }
            if (cause instanceof EncryptedDocumentException
                    || cause instanceof org.apache.poi.EncryptedDocumentException) {
                return new Reply.Refused(
                        Fault.ENCRYPTED, "It can be opened with a password only. Capture a copy without one.");
            }
            if (cause instanceof UnsupportedFormatException) {
                return new Reply.Refused(Fault.UNSUPPORTED, "It is in a form that is not read: " + message(cause));
            }
            if (isBomb(cause)) {
                return new Reply.Refused(Fault.BOMB, "It unfolds to far more than it is: " + message(cause));
            }
        }
        return new Reply.Refused(
                Fault.BROKEN, "It is damaged, or not what it was declared as: " + message(root(failure)));
    }

    /** The libraries have no class of their own for it. */
    private static boolean isBomb(Throwable cause) {
        String message = cause instanceof UncheckedIOException || cause.getMessage() == null ? "" : cause.getMessage();
        String words = message.toLowerCase(Locale.ROOT);
        return words.contains("zip bomb")
                || words.contains("would exceed the max")
                || words.contains("tried to read data but the maximum length")
                || words.contains("exceeds the max")
                || words.contains("entity expansion")
                || words.contains("suspected zip");
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int i = 0; i < 20 && root.getCause() != null; i++) {
            root = root.getCause();
        }
        return root;
    }

    private static String message(@Nullable Throwable failure) {
        String message =
                failure == null || failure.getMessage() == null ? String.valueOf(failure) : failure.getMessage();
        String line = message.lines().findFirst().orElse("").strip();
        return Exchange.cut(line, 300) + (line.endsWith(".") ? "" : ".");
    }
}
