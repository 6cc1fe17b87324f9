package io.penstock.capture;

import io.penstock.stage.CallException;
import java.util.List;

/** Finds the items within a response or a file. */
@FunctionalInterface
interface Extractor {
    /**
     * @param content with the content type and address that it came under; its attributes are those of every item
     * @throws CallException when the content has another form than was configured
     */
    ExtractedPage extract(CapturedContent content) throws CallException;

    /** All of it is the one item of its entry. */
    static ExtractedPage whole(CapturedContent content) {
        return new ExtractedPage(List.of(new CapturedItem(null, null, content)), null);
    }
}
