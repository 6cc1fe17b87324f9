package io.penstock.embedding;

import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The embedding model as callers know it.
 *
 * @param name tells nothing of where its file lies
 * @param dimension of its vectors
 */
public record EmbeddingModel(String name, int dimension) {
    private static final String BUNDLED = "all-MiniLM-L6-v2";
    private static final String SUFFIX = ".onnx";

    /** What exporters call the file of any model. */
    private static final Pattern ANY_MODEL = Pattern.compile("model([_.-].*)?");

    /** Folders that say no more; the latter name is that of the chat. */
    private static final Set<String> ANY_FOLDER = Set.of("onnx", "penstock");

    /**
     * What to call a model: by its file, or by the folder where that says nothing, as {@code bge-small-en/onnx/model.onnx} does.
     *
     * @param file null for the bundled one
     */
    public static String nameOf(@Nullable Path file) {
        if (file == null) {
            return BUNDLED;
        }
        String fileName = String.valueOf(file.getFileName());
        String name = fileName.endsWith(SUFFIX) ? fileName.substring(0, fileName.length() - SUFFIX.length()) : fileName;
        if (says(name)) {
            return name;
        }
        for (Path folder = file.toAbsolutePath().getParent(); folder != null; folder = folder.getParent()) {
            String folderName =
                    folder.getFileName() == null ? "" : folder.getFileName().toString();
            if (!folderName.isEmpty() && says(folderName)) {
                return folderName;
            }
        }
        return fileName;
    }

    private static boolean says(String name) {
        return !ANY_MODEL.matcher(name).matches() && !ANY_FOLDER.contains(name);
    }
}
