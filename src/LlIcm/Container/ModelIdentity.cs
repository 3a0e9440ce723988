using System.Buffers.Binary;

namespace LlIcm.Container;

/// <summary>Which model wrote a file: only the very same weights can decode it.</summary>
public sealed record ModelIdentity
{
    /// <summary>The longest name.</summary>
    public const int MaxNameLength = 31;

    /// <summary>Creates an identity.</summary>
    /// <param name="name">The preset, 1 … 31 printable ASCII characters without space.</param>
    /// <param name="hash">The first eight bytes of the SHA-256 of the weights, the first one in the top bits.</param>
    /// <exception cref="ArgumentException">The name is not such.</exception>
    public ModelIdentity(string name, ulong hash)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsValidName(name))
        {
            throw new ArgumentException(
                $"a model name has 1 to {MaxNameLength} printable ASCII characters, not '{name}'", nameof(name));
        }

        Name = name;
        Hash = hash;
    }

    /// <summary>The preset's name.</summary>
    public string Name { get; }

    /// <summary>The first eight bytes of the SHA-256 of the weights, the first one in the top bits.</summary>
    public ulong Hash { get; }

    /// <summary>An identity from a whole SHA-256.</summary>
    /// <param name="name">The preset, 1 … 31 printable ASCII characters without space.</param>
    /// <param name="sha256">At least the first eight bytes.</param>
    /// <exception cref="ArgumentException">The name is not such, or the hash is shorter.</exception>
    public static ModelIdentity FromSha256(string name, ReadOnlySpan<byte> sha256)
    {
        if (sha256.Length < 8) throw new ArgumentException("eight bytes of the hash are needed", nameof(sha256));
        return new ModelIdentity(name, BinaryPrimitives.ReadUInt64BigEndian(sha256));
    }

    /// <summary>Name and hash, as <c>compact-0123456789abcdef</c>.</summary>
    public override string ToString() => $"{Name}-{Hash:x16}";

    internal static bool IsValidName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name.All(c => c is > ' ' and <= '~');
}
