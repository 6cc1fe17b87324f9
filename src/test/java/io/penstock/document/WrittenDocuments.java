package io.penstock.document;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.TimeZone;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.apache.poi.xslf.usermodel.XMLSlideShow;
import org.apache.poi.xslf.usermodel.XSLFTextBox;
import org.apache.poi.xssf.usermodel.XSSFRow;
import org.apache.poi.xssf.usermodel.XSSFWorkbook;
import org.apache.poi.xwpf.usermodel.XWPFDocument;
import org.apache.poi.xwpf.usermodel.XWPFParagraph;
import org.apache.poi.xwpf.usermodel.XWPFStyles;
import org.openxmlformats.schemas.wordprocessingml.x2006.main.CTStyle;
import org.openxmlformats.schemas.wordprocessingml.x2006.main.STStyleType;

/** Documents that tests write, as the programs of offices would. */
public final class WrittenDocuments {
    public static final String PDF = "application/pdf";
    public static final String DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

    private static final int LINE = 16;

    private WrittenDocuments() {}

    /** Writes to a stream. */
    @FunctionalInterface
    private interface Writer {
        void write(ByteArrayOutputStream out) throws IOException;
    }

    private static byte[] bytes(Writer writer) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writer.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A PDF whose pages have these lines. */
    @SafeVarargs
    @SuppressWarnings("varargs") // the lists of lines are only read
    public static byte[] pdf(String title, String author, List<String>... pages) {
        return bytes(out -> {
            try (PDDocument document = document(title, author, List.of(pages))) {
                document.save(out);
            }
        });
    }

    static byte[] encryptedPdf(String password, List<String> lines) {
        return bytes(out -> {
            try (PDDocument document = document("Secret", "Nobody", List.of(lines))) {
                StandardProtectionPolicy policy =
                        new StandardProtectionPolicy("owner-" + password, password, new AccessPermission());
                policy.setEncryptionKeyLength(256);
                document.protect(policy);
                document.save(out);
            }
        });
    }

    private static PDDocument document(String title, String author, List<List<String>> pages) throws IOException {
        PDDocument document = new PDDocument();
        document.getDocumentInformation().setTitle(title);
        document.getDocumentInformation().setAuthor(author);
        Calendar created = new GregorianCalendar(TimeZone.getTimeZone("UTC"));
        created.setTimeInMillis(Instant.parse("2024-02-29T08:30:00Z").toEpochMilli());
        document.getDocumentInformation().setCreationDate(created);
        for (List<String> lines : pages) {
            PDPage page = new PDPage();
            document.addPage(page);
            try (PDPageContentStream content = new PDPageContentStream(document, page)) {
                content.beginText();
                content.setFont(new PDType1Font(Standard14Fonts.FontName.HELVETICA), 12);
                content.setLeading(LINE);
                content.newLineAtOffset(72, 700);
                for (String line : lines) {
                    content.showText(line);
                    content.newLine();
                }
                content.endText();
            }
        }
        return document;
    }

    /** A DOCX: what begins with "# " or "## " becomes a heading. */
    public static byte[] docx(String title, String author, String... paragraphs) {
        return bytes(out -> {
            try (XWPFDocument document = new XWPFDocument()) {
                document.getProperties().getCoreProperties().setTitle(title);
                document.getProperties().getCoreProperties().setCreator(author);
                XWPFStyles styles = document.createStyles();
                headingStyle(styles, 1);
                headingStyle(styles, 2);
                for (String paragraph : paragraphs) {
                    int level = paragraph.startsWith("## ") ? 2 : paragraph.startsWith("# ") ? 1 : 0;
                    XWPFParagraph written = document.createParagraph();
                    if (level > 0) {
                        written.setStyle("Heading" + level);
                    }
                    written.createRun().setText(level == 0 ? paragraph : paragraph.substring(level + 1));
                }
                document.write(out);
            }
        });
    }

    private static void headingStyle(XWPFStyles styles, int level) {
        CTStyle style = CTStyle.Factory.newInstance();
        style.setStyleId("Heading" + level);
        style.addNewName().setVal("heading " + level);
        style.setType(STStyleType.PARAGRAPH);
        styles.addStyle(new org.apache.poi.xwpf.usermodel.XWPFStyle(style));
    }

    static byte[] xlsx(String sheet, List<List<String>> rows) {
        return bytes(out -> {
            try (XSSFWorkbook book = new XSSFWorkbook()) {
                var written = book.createSheet(sheet);
                for (int i = 0; i < rows.size(); i++) {
                    XSSFRow row = written.createRow(i);
                    for (int j = 0; j < rows.get(i).size(); j++) {
                        row.createCell(j).setCellValue(rows.get(i).get(j));
                    }
                }
                book.write(out);
            }
        });
    }

    static byte[] pptx(String... slides) {
        return bytes(out -> {
            try (XMLSlideShow show = new XMLSlideShow()) {
                for (String text : slides) {
                    XSLFTextBox box = show.createSlide().createTextBox();
                    box.setText(text);
                }
                show.write(out);
            }
        });
    }

    /** A DOCX whose one part unfolds to so many bytes. */
    static byte[] docxBomb(int mebibytes) {
        return bytes(out -> {
            try (ZipOutputStream zip = new ZipOutputStream(out)) {
                packageParts(zip);
                zip.putNextEntry(new ZipEntry("word/document.xml"));
                zip.write(
                        ("<?xml version=\"1.0\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">"
                                        + "<w:body><w:p><w:r><w:t>")
                                .getBytes(UTF_8));
                byte[] filling = "a".repeat(1024 * 1024).getBytes(UTF_8);
                for (int i = 0; i < mebibytes; i++) {
                    zip.write(filling);
                }
                zip.write("</w:t></w:r></w:p></w:body></w:document>".getBytes(UTF_8));
                zip.closeEntry();
            }
        });
    }

    /** A DOCX whose text is what an entity of its own definition stands for. */
    static byte[] docxWithEntity(String definition) {
        return docxOf("<!DOCTYPE d [" + definition + "]>", "before &e; after");
    }

    /** A DOCX with one run of text, written by hand. */
    static byte[] docxWithText(String text) {
        return docxOf("", text);
    }

    private static byte[] docxOf(String prolog, String text) {
        return bytes(out -> {
            try (ZipOutputStream zip = new ZipOutputStream(out)) {
                packageParts(zip);
                entry(
                        zip,
                        "word/document.xml",
                        "<?xml version=\"1.0\"?>" + prolog
                                + "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">"
                                + "<w:body><w:p><w:r><w:t>" + text + "</w:t></w:r></w:p></w:body></w:document>");
            }
        });
    }

    private static void packageParts(ZipOutputStream zip) throws IOException {
        entry(zip, "[Content_Types].xml", """
                <?xml version="1.0" encoding="UTF-8"?>
                <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
                <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
                <Default Extension="xml" ContentType="application/xml"/>
                <Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
                </Types>""");
        entry(zip, "_rels/.rels", """
                <?xml version="1.0" encoding="UTF-8"?>
                <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
                <Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>
                </Relationships>""");
    }

    private static void entry(ZipOutputStream zip, String name, String text) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(text.getBytes(UTF_8));
        zip.closeEntry();
    }

    /** An e-mail with a body and attachments, each a name, a type and its content in Base64. */
    static byte[] email(String subject, String body, List<String[]> attachments) {
        StringBuilder mail = new StringBuilder("""
                From: Ada Brown <ada@example.org>
                To: Ben Cole <ben@example.org>
                Date: Fri, 01 Mar 2024 10:00:00 +0000
                Subject: %s
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary="edge"

                --edge
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 8bit

                %s
                """.formatted(subject, body));
        for (String[] attachment : attachments) {
            mail.append("""
                    --edge
                    Content-Type: %s; name="%s"
                    Content-Disposition: attachment; filename="%s"
                    Content-Transfer-Encoding: base64

                    %s
                    """.formatted(attachment[1], attachment[0], attachment[0], attachment[2]));
        }
        return mail.append("--edge--\n").toString().replace("\n", "\r\n").getBytes(UTF_8);
    }
}
