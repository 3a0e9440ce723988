using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;

namespace LlIcm.Quality.Tests;

public sealed class SentencePieceTests : IDisposable
{
    private const int Normal = 1, Unknown = 2, Control = 3, Byte = 6;
    private readonly string _folder = Directory.CreateTempSubdirectory("llicm-tokenizer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_best_neighbours_are_joined_first_and_what_is_unknown_becomes_bytes()
    {
        SentencePieceTokenizer tokenizer = Load(Model(["\u2581", "a", "b", "c", "bc", "ab", "\u2581a", "abc"]));
        const int first = 259;
        // "bc" comes before "ab" and "▁a"; after it "▁a" comes before "abc".
        Assert.Equal([first + 6, first + 4], tokenizer.Encode("abc"));
        Assert.Equal([first + 6, first + 1], tokenizer.Encode("aa"));
        Assert.Equal([first, 3 + 0xC3, 3 + 0xA9, 3 + '\n'], tokenizer.Encode("é\n"));
        Assert.Equal(1, tokenizer.Begin);
    }

    [FixtureFact("iqa", "qalign.facts.json")]
    public void The_questions_have_the_published_tokens_in_the_published_vocabulary()
    {
        // The pieces of the questions at their published places; each is made letter by letter.
        (int Id, string Piece)[] known =
        [
            (3148, "\u2581US"), (1001, "ER"), (29901, ":"), (1128, "\u2581How"), (723, "\u2581would"), (366, "\u2581you"), (6554, "\u2581rate"),
            (278, "\u2581the"), (11029, "\u2581quality"), (310, "\u2581of"), (445, "\u2581this"), (1967, "\u2581image"), (29973, "?"),
            (29871, "\u2581"), (22933, "ASS"), (9047, "IST"), (13566, "ANT"), (450, "\u2581The"), (338, "\u2581is"), (4863, "\u2581video"),
            (263, "\u2581a"), (342, "est"), (9188, "het"), (1199, "ics"),
            (15129, "\u2581excellent"), (1781, "\u2581good"), (6534, "\u2581fair"), (6460, "\u2581poor"), (4319, "\u2581bad"),
        ];
        var pieces = new string[32000 - 259];
        foreach ((int id, string piece) in known) pieces[id - 259] = piece;
        var fillers = new Queue<string>(known.SelectMany(each => Enumerable.Range(1, each.Piece.Length - 1).Select(length => each.Piece[..length]))
            .Concat(known.SelectMany(each => each.Piece.Select(letter => letter.ToString())))
            .Except(known.Select(each => each.Piece)).Distinct());
        for (int i = 0; i < pieces.Length; i++) pieces[i] ??= fillers.TryDequeue(out string? filler) ? filler : $"(unused {i})";
        SentencePieceTokenizer tokenizer = Load(Model(pieces));

        JsonElement prompts = Golden.Json("iqa", "qalign.facts.json").GetProperty("prompts");
        Check("quality_image", QAlignPrompt.Of(QAlignTask.Quality, tokenizer), QAlignPrompt.Of(QAlignTask.Quality));
        Check("aesthetics_image", QAlignPrompt.Of(QAlignTask.Aesthetics, tokenizer), QAlignPrompt.Of(QAlignTask.Aesthetics));
        Check("quality_video", QAlignPrompt.OfVideo(tokenizer), QAlignPrompt.Video);

        void Check(string name, QAlignPrompt actual, QAlignPrompt builtIn)
        {
            Assert.Equal(prompts.GetProperty(name).GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt64()), actual.Tokens);
            Assert.Equal(builtIn.Levels, actual.Levels);
        }
    }

    [Fact]
    public void Anything_else_is_refused_by_name()
    {
        byte[] whole = Model(["a"]);
        foreach (byte[] bad in (byte[][])[[], [1, 2, 3], whole[..^1], Model(["a"], kind: 1), Encoding.UTF8.GetBytes("a text")])
        {
            var error = Assert.Throws<WeightFormatException>(() => Load(bad));
            Assert.Contains("tokenizer.model", error.Message, StringComparison.Ordinal);
        }
        Assert.Throws<QualityException>(() => QAlignPrompt.Of(QAlignTask.Quality, Load(whole)));
    }

    private SentencePieceTokenizer Load(byte[] model)
    {
        string path = Path.Combine(_folder, "tokenizer.model");
        File.WriteAllBytes(path, model);
        return SentencePieceTokenizer.Load(path);
    }

    // <unk>, <s>, </s>, the bytes, and pieces that are the better the earlier they come.
    private static byte[] Model(IEnumerable<string> pieces, int kind = 2)
    {
        using var stream = new MemoryStream();
        IEnumerable<(string Text, int Kind)> all =
        [
            ("<unk>", Unknown), ("<s>", Control), ("</s>", Control),
            .. Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", Byte)), .. pieces.Select(piece => (piece, Normal)),
        ];
        foreach ((int i, (string text, int type)) in all.Index())
        {
            byte[] name = Encoding.UTF8.GetBytes(text), score = new byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(score, -i);
            Field(stream, 1, [0x0A, (byte)name.Length, .. name, 0x15, .. score, 0x18, (byte)type]);
        }
        Field(stream, 2, [0x18, (byte)kind]);
        return stream.ToArray();
    }

    private static void Field(MemoryStream stream, int number, byte[] content)
    {
        stream.WriteByte((byte)(number << 3 | 2));
        stream.WriteByte((byte)content.Length);
        stream.Write(content);
    }
}
