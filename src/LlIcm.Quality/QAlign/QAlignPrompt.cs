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

    private static QAlignPrompt Build(long[] aspect, long[] thing) => new(
        [.. s_user, .. aspect, .. s_ofThis, .. thing, .. s_ask, .. aspect, .. s_ofThe, .. thing, .. s_is], s_levels);
}
