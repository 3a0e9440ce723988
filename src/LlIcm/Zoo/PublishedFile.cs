using System.Text.RegularExpressions;

namespace LlIcm.Zoo;

/// <summary>A weight file as its authors publish it.</summary>
/// <param name="Name">
/// Its name, with a folder for checkpoints of several files: below the store and below a mirror.
/// </param>
/// <param name="Size">Its length in bytes, or null where it is not known.</param>
/// <param name="Sha256">Its hash in lower-case hexadecimal digits, or null where it is not known.</param>
public sealed partial record PublishedFile(string Name, long? Size = null, string? Sha256 = null)
{
    /// <summary>
    /// How the hash begins: all of it where it is known, else the eight digits that torchvision puts into its file
    /// names (<c>vgg16-397923af.pth</c>), else nothing.
    /// </summary>
    public string HashPrefix => Sha256 ?? HashInName().Match(Name).Groups[1].Value;

    /// <summary>Whether this is the list of a checkpoint's shards, which lie beside it.</summary>
    public bool IsShardIndex => Name.EndsWith(".index.json", StringComparison.Ordinal);

    [GeneratedRegex(@"-([0-9a-f]{8})\.pth$")]
    private static partial Regex HashInName();
}
