using LlIcm.Tensors;

namespace LlIcm.Quality;

/// <summary>
/// LIQE's texts, and their tokens in CLIP's vocabulary (so that the vocabulary's file is not needed).
/// </summary>
public static class LiqeTexts
{
    private const int Start = 49406, End = 49407;

    // "a photo of a", "a photo", "with", "artifacts , which is of", "quality".
    private static readonly int[] s_photoOfA = [320, 1125, 539, 320], s_photo = [320, 1125], s_with = [593];
    private static readonly int[] s_artifacts = [30249, 267, 1448, 533, 539], s_quality = [3027];

    private static readonly (string Word, int[] Tokens)[] s_qualities =
        [("bad", [2103]), ("poor", [3665]), ("fair", [2849]), ("good", [886]), ("perfect", [1878])];

    private static readonly (string Word, int[] Tokens)[] s_scenes =
    [
        ("animal", [4668]), ("cityscape", [40808]), ("human", [2751]), ("indoor", [9546]), ("landscape", [5727]),
        ("night", [930]), ("plant", [3912]), ("still_life", [1170, 318, 970]), ("others", [3326]),
    ];

    private static readonly (string Word, int[] Tokens)[] s_distortions =
    [
        ("jpeg2000 compression", [73, 11207, 273, 271, 271, 271, 25638]), ("jpeg compression", [73, 11207, 25638]),
        ("noise", [9307]), ("blur", [27976]), ("color", [3140]), ("contrast", [18501]),
        ("overexposure", [8649, 13002, 35539]), ("underexposure", [21675, 87, 35539]), ("spatial", [22022]),
        ("quantization", [31540, 3683]), ("other", [1010]),
    ];

    /// <summary>Bad to perfect: 1 to 5.</summary>
    public static IReadOnlyList<string> Qualities { get; } = [.. s_qualities.Select(each => each.Word)];

    /// <summary>The nine kinds of scene.</summary>
    public static IReadOnlyList<string> Scenes { get; } = [.. s_scenes.Select(each => each.Word)];

    /// <summary>The eleven kinds of distortion.</summary>
    public static IReadOnlyList<string> Distortions { get; } = [.. s_distortions.Select(each => each.Word)];

    /// <summary>The texts in index order; for all of them the index is (quality·9 + scene)·11 + distortion.</summary>
    public static IReadOnlyList<string> Of(LiqePrompts prompts) => prompts == LiqePrompts.QualityOnly
        ? [.. Qualities.Select(quality => $"a photo with {quality} quality")]
        : [.. from quality in Qualities
              from scene in Scenes
              from distortion in Distortions
              select $"a photo of a {scene} with {distortion} artifacts, which is of {quality} quality"];

    /// <summary>The text tower's input [texts, <paramref name="contextLength"/>] (Long).</summary>
    internal static Tensor Tokens(LiqePrompts prompts, int contextLength)
    {
        int[][] rows = prompts == LiqePrompts.QualityOnly
            ? [.. s_qualities.Select(quality => (int[])[.. s_photo, .. s_with, .. quality.Tokens, .. s_quality])]
            : [.. from quality in s_qualities
                  from scene in s_scenes
                  from distortion in s_distortions
                  select (int[])[
                      .. s_photoOfA, .. scene.Tokens, .. s_with, .. distortion.Tokens, .. s_artifacts,
                      .. quality.Tokens, .. s_quality]];
        var tokens = new long[rows.Length * contextLength];
        for (int i = 0; i < rows.Length; i++)
        {
            Span<long> row = tokens.AsSpan(i * contextLength, contextLength);
            row[0] = Start;
            for (int k = 0; k < rows[i].Length; k++) row[k + 1] = rows[i][k];
            row[rows[i].Length + 1] = End;
        }
        return Tensor.From<long>(tokens, [rows.Length, contextLength]);
    }
}
