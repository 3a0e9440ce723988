namespace LlIcm.Zoo;

/// <summary>Weights that somebody published and that a part of this program can use.</summary>
/// <param name="Id">A short name, e.g. <c>lpips-alex</c>.</param>
/// <param name="Purpose">What they are for, a few words.</param>
/// <param name="Files">The files any one of which will do; the first is the one to fetch.</param>
public sealed record PublishedModel(string Id, string Purpose, IReadOnlyList<PublishedFile> Files)
{
    /// <summary>Files that may lie beside them: used where they are there, missed where they are not.</summary>
    public IReadOnlyList<PublishedFile> Companions { get; init; } = [];

    /// <summary>What every metric needs.</summary>
    public static IReadOnlyList<PublishedModel> All { get; } =
    [
        new("lpips-alex", "LPIPS with AlexNet",
        [
            new("alexnet-owt-7be5be79.pth", 244_408_911,
                "7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02"),
            new("alexnet-owt-4df8aa71.pth"),
        ]),
        new("lpips-vgg", "LPIPS with VGG16",
        [
            new("vgg16-397923af.pth", 553_433_881,
                "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0"),
        ]),
        new("lpips-squeeze", "LPIPS with SqueezeNet 1.1",
        [
            new("squeezenet1_1-b8a52dc0.pth", null,
                "b8a52dc049b60e4b6ab68ad0df457362afab8b6304b2febdc1650a5dab4d7e7b"),
            new("squeezenet1_1-f364aa15.pth"),
            new("squeezenet1_1_features.safetensors", 2_894_648,
                "8ebd668ffc2898edc7122ed4cb16a4abb668353cc50d0f1fad6a8b1798215bab"),
        ]),
        new("liqe", "LIQE, all data sets", [new("LIQE.pt"), new("liqe_mix.pt")]),
        new("liqe-koniq", "LIQE, KonIQ-10k only", [new("liqe_koniq.pt")]),
        new("q-align", "Q-Align (one-align)",
        [
            new("one-align/pytorch_model.bin.index.json"), new("one-align/model.safetensors.index.json"),
        ])
        {
            Companions =
            [
                new("one-align/tokenizer.model", 499_723,
                    "9e556afd44213b6bd1be2b850ebbbd98f5481437a8021afaf58ee7fb1818d347"),
            ],
        },
    ];

    /// <summary>The model of that name.</summary>
    /// <exception cref="ModelStoreException">There is none.</exception>
    public static PublishedModel Get(string id) => All.FirstOrDefault(each => each.Id == id)
        ?? throw new ModelStoreException(
            $"no published model '{id}'; known are {string.Join(", ", All.Select(m => m.Id))}");
}
