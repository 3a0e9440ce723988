namespace LlIcm.Quality;

/// <summary>Tokens of a question to Q-Align, and of the five words that may answer it.</summary>
/// <param name="Tokens">Token ids with <see cref="ImageSlot"/> where the picture goes (absent: no picture).</param>
/// <param name="Levels">The ids of excellent, good, fair, poor, bad.</param>
internal sealed record QAlignPrompt(long[] Tokens, long[] Levels)
{
    /// <summary>Stands for the picture's tokens.</summary>
    public const long ImageSlot = -200;

    // LLaMA's tokens of the words with the leading-space mark.
    private static readonly long[] s_levels = [15129, 1781, 6534, 6460, 4319];

    // "USER: How would you rate the" … "of this" … "?\n"; "\nASSISTANT: The" … "of the" … "is".
    private static readonly long[] s_user = [1, 3148, 1001, 29901, 1128, 723, 366, 6554, 278], s_ofThis = [310, 445];
    private static readonly long[] s_ask = [29973, 13, ImageSlot, 29871, 13, 22933, 9047, 13566, 29901, 450];
    private static readonly long[] s_ofThe = [310, 278], s_is = [338], s_image = [1967], s_video = [4863];
    private static readonly long[] s_quality = [11029], s_aesthetics = [263, 342, 9188, 1199];
    private static readonly long[] s_aesthetic = [263, 342, 29882, 7492];

    /// <summary>The question about a picture.</summary>
    public static QAlignPrompt Of(QAlignTask task) => Build(
        task switch
        {
            QAlignTask.Quality => s_quality,
            QAlignTask.Aesthetics => s_aesthetics,
            _ => s_aesthetic,
        }, s_image);

    /// <summary>The question about the quality of a video.</summary>
    public static QAlignPrompt Video { get; } = Build(s_quality, s_video);

    /// <summary>The question about a picture, in the tokens of a tokenizer.</summary>
    /// <exception cref="QualityException">An answer is no single token of it.</exception>
    public static QAlignPrompt Of(QAlignTask task, SentencePieceTokenizer tokenizer) => Build(
        task switch
        {
            QAlignTask.Quality => "quality",
            QAlignTask.Aesthetics => "aesthetics",
            _ => "aesthetic",
        }, "image", tokenizer);

    /// <summary>The question about the quality of a video, in the tokens of a tokenizer.</summary>
    /// <exception cref="QualityException">An answer is no single token of it.</exception>
    public static QAlignPrompt OfVideo(SentencePieceTokenizer tokenizer) => Build("quality", "video", tokenizer);

    // What stands before and after the picture is tokenised on its own.
    private static QAlignPrompt Build(string aspect, string thing, SentencePieceTokenizer tokenizer) => new(
        [
            tokenizer.Begin, .. tokenizer.Encode($"USER: How would you rate the {aspect} of this {thing}?\n"), ImageSlot,
            .. tokenizer.Encode($"\nASSISTANT: The {aspect} of the {thing} is"),
        ],
        [.. QAlignResult.LevelNames.Select(word => tokenizer.Encode(word) is [long token] ? token
            : throw new QualityException($"the tokenizer is not Q-Align's: '{word}' is no token of it"))]);

    private static QAlignPrompt Build(long[] aspect, long[] thing) => new(
        [.. s_user, .. aspect, .. s_ofThis, .. thing, .. s_ask, .. aspect, .. s_ofThe, .. thing, .. s_is], s_levels);
}
