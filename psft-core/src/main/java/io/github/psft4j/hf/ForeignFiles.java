package io.github.psft4j.hf;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.io.Directories;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What people take for a model directory, recognised, with the way to one. */
public final class ForeignFiles {

    /** How a pointer of Git LFS begins, which stands for a file that was not fetched. */
    private static final String POINTER = "version https://git-lfs";

    private static final Pattern HUB_ID = Pattern.compile("[A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*");

    /** Weights in formats that run code when they are read, or of other frameworks. */
    private static final Pattern OTHER_WEIGHTS =
            Pattern.compile("(pytorch_model|consolidated|model|adapter_model).*\\.(bin|pt|pth)"
                    + "|tf_model\\.h5|flax_model\\.msgpack");

    private static final List<String> OTHER_TOKENIZERS =
            List.of("tokenizer.model", "tekken.json", "vocab.json", "vocab.txt", "spiece.model");

    /** Opens a tokenizer.model as sentencepiece does. AutoTokenizer may take a class that reads Unigram as BPE. */
    private static final String SENTENCEPIECE_READER = "PreTrainedTokenizerFast";

    private ForeignFiles() {}

    /**
     * Why a path is no model directory and what to do; empty if it may be one, which has a {@code config.json}.
     *
     * @param path as the user gave it
     */
    public static Optional<String> noModel(Path path) {
        if (Files.isRegularFile(path)) {
            return Optional.of(startsWith(path, "GGUF") ? gguf(path.toString(), path) : aFile(path));
        }
        if (!Files.isDirectory(path)) {
            return Optional.of(missing(path));
        }
        if (Files.exists(path.resolve("config.json"))) {
            return Optional.empty();
        }
        if (Files.exists(path.resolve("adapter_config.json"))) {
            return Optional.of(adapter(path));
        }
        return Optional.of(first(path, Pattern.compile(".*\\.gguf"))
                .map(file -> gguf(path + " holds " + file.getFileName() + ", which", file))
                .orElse(path + " is not a model directory: config.json is missing; expected config.json,"
                        + " model.safetensors and tokenizer.json as transformers' save_pretrained writes them"));
    }

    private static String aFile(Path file) {
        return file + " is a file; give the directory that holds config.json, model.safetensors and tokenizer.json";
    }

    private static String missing(Path path) {
        String id = HUB_ID.matcher(path.toString()).matches() ? path.toString() : "ORG/NAME";
        return path + " is not a model directory: config.json is missing; the directory does not exist, and nothing is"
                + " downloaded. For a model of Hugging Face run \"hf download " + id
                + " --local-dir DIR\" and give DIR";
    }

    private static String gguf(String what, Path file) {
        return what + " is a GGUF file, the format of llama.cpp, which is not read. Take the repository of the same"
                + " model that has safetensors files. Or convert it in Python: AutoModelForCausalLM.from_pretrained("
                + "\"" + file.toAbsolutePath().getParent() + "\", gguf_file=\"" + file.getFileName()
                + "\", quantization_config=GgufConfig(dequantize=True)).save_pretrained(OUT), and AutoTokenizer with"
                + " the same directory and gguf_file. transformers forgets the RoPE scaling: copy rope_parameters or"
                + " rope_scaling of the original config.json";
    }

    private static String adapter(Path dir) {
        String base = "";
        try {
            Path file = dir.resolve("adapter_config.json");
            JsonNode name =
                    ModelFile.json(file, ModelFile.bytes(file, ModelFile.SMALL)).path("base_model_name_or_path");
            base = name.isTextual() && !name.textValue().isEmpty() ? name.textValue() : base;
        } catch (UncheckedIOException | ModelFormatException e) {
            // the name of the base is help only
        }
        return dir + " is a LoRA adapter (adapter_config.json), not a whole model, which is needed here: merge it"
                + " first: psft merge --model " + dir + " --output OUT"
                + (base.isEmpty() ? "" : "; its base is " + Shown.brief(base));
    }

    /** What a directory without weights in safetensors format holds instead, and the way out. */
    public static String noWeights(Path dir) {
        if (Files.exists(dir.resolve("adapter_config.json"))) {
            return adapter(dir);
        }
        Optional<Path> other = first(dir, OTHER_WEIGHTS);
        if (other.isPresent()) {
            return dir + " has its weights in " + other.get().getFileName() + ", a format that is not read; convert"
                    + " them to safetensors in Python: AutoModelForCausalLM.from_pretrained(\"" + dir
                    + "\").save_pretrained(\"" + dir + "\")";
        }
        return first(dir, Pattern.compile(".*\\.gguf"))
                .map(file -> gguf(dir + " has its weights in " + file.getFileName() + ", which", file))
                .orElse(dir.resolve("model.safetensors")
                        + ": no such file; expected the weights of a model in safetensors format");
    }

    /** What a directory without {@code tokenizer.json} holds of a tokenizer; empty if nothing. */
    public static Optional<String> otherTokenizer(Path dir) {
        return OTHER_TOKENIZERS.stream()
                .filter(name -> Files.exists(dir.resolve(name)))
                .findFirst()
                .map(name -> dir + " has " + name + " and no tokenizer.json; write one in Python: "
                        + (name.equals("tokenizer.model") ? SENTENCEPIECE_READER : "AutoTokenizer")
                        + ".from_pretrained(\"" + dir + "\").save_pretrained(\"" + dir + "\")");
    }

    /**
     * Refuses a pointer of Git LFS, which stands in place of a file until that is fetched.
     *
     * @param head the beginning of the file
     * @throws ModelFormatException if it is one
     */
    public static void refusePointer(Path file, byte[] head) {
        int n = Math.min(head.length, POINTER.length());
        if (n == POINTER.length() && new String(head, 0, n, StandardCharsets.ISO_8859_1).equals(POINTER)) {
            throw ModelFormatException.of(
                    file,
                    "a pointer of Git LFS, not the file itself: run \"git lfs pull\" in its directory, or \"hf download"
                            + " ORG/NAME --local-dir DIR\"");
        }
    }

    private static boolean startsWith(Path file, String text) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(text.length()), StandardCharsets.ISO_8859_1).equals(text);
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<Path> first(Path dir, Pattern name) {
        try {
            return Directories.named(dir, name).stream().findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
