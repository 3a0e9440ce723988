using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace LlIcm.TestSupport;

/// <summary>Feeds a reader with damaged files: each must be read, or refused by the exceptions that the reader documents.</summary>
/// <remarks>
/// By itself a fixed number of damages, the same in every run. <c>LLICM_FUZZ_SECONDS=600 ./test Fuzz</c> goes on for so long, with
/// other damages each time; what crashes is written to <c>tests/Fuzz/TARGET/</c>, whose files every run tries first.
/// </remarks>
internal static class Fuzz
{
    /// <summary>Runs.</summary>
    /// <param name="target">The folder of earlier crashes.</param>
    /// <param name="rounds">How many damages without a time being set.</param>
    /// <param name="seeds">Whole files.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="refusals">What reading may throw.</param>
    public static void Run(string target, int rounds, IReadOnlyList<byte[]> seeds, Action<byte[]> read, params Type[] refusals)
    {
        string folder = Path.Combine(Repository.Root, "tests", "Fuzz", target);
        string[] earlier = Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
        foreach (string path in earlier.Order(StringComparer.Ordinal))
            Try(File.ReadAllBytes(path), Path.GetFileName(path));
        foreach (byte[] seed in seeds) read(seed);

        bool timed = double.TryParse(
            Environment.GetEnvironmentVariable("LLICM_FUZZ_SECONDS"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds);
        var random = new Random(timed ? Environment.TickCount : target.Length);
        var clock = Stopwatch.StartNew();
        for (int i = 0; timed ? clock.Elapsed.TotalSeconds < seconds : i < rounds; i++)
        {
            byte[] damaged = seeds[random.Next(seeds.Count)];
            for (int times = random.Next(1, 5); times > 0; times--) damaged = Damaged(damaged, seeds, random);
            Try(damaged, null);
        }

        void Try(byte[] data, string? name)
        {
            try
            {
                read(data);
            }
            catch (Exception error) when (refusals.Any(type => type.IsInstanceOfType(error)))
            {
                Assert.DoesNotContain('\n', error.Message);
            }
            catch (Exception error)
            {
                if (name is null)
                {
                    Directory.CreateDirectory(folder);
                    name = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(data).AsSpan(0, 6));
                    File.WriteAllBytes(Path.Combine(folder, name), data);
                }
                throw new InvalidOperationException($"{target}/{name} ({data.Length} bytes): {error.GetType().Name}: {error.Message}", error);
            }
        }
    }

    private static byte[] Damaged(byte[] data, IReadOnlyList<byte[]> seeds, Random random)
    {
        if (data.Length < 8) return [.. data, .. RandomBytes(random, 8)];
        byte[] copy = [.. data];
        int at = random.Next(copy.Length), length = random.Next(1, Math.Min(64, copy.Length - at) + 1);
        switch (random.Next(9))
        {
            case 0:
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
            case 1:
                copy[at] = (byte)random.Next(256);
                return copy;
            case 2:
                uint[] numbers = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, int.MaxValue, 0x80000000, uint.MaxValue, uint.MaxValue - 7];
                uint number = numbers[random.Next(numbers.Length)];
                at = Math.Min(at, copy.Length - 4);
                if (random.Next(2) == 0) BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(at), number);
                else BinaryPrimitives.WriteUInt32BigEndian(copy.AsSpan(at), number);
                return copy;
            case 3:
                return copy[..at];
            case 4:
                return [.. copy[..at], .. copy[(at + length)..]];
            case 5:
                return [.. copy[..(at + length)], .. copy[at..]];
            case 6:
                return [.. copy[..at], .. RandomBytes(random, length), .. copy[at..]];
            case 7:
                byte[] other = seeds[random.Next(seeds.Count)];
                return [.. copy[..at], .. other[Math.Min(at, other.Length)..]];
            default:
                // Digits of text formats.
                for (int i = at; i < copy.Length; i++)
                {
                    if (copy[i] is < (byte)'0' or > (byte)'9') continue;
                    byte[] digits = Encoding.ASCII.GetBytes(random.Next(3) switch { 0 => "-1", 1 => "99999999999999999999", _ => "1e308" });
                    return [.. copy[..i], .. digits, .. copy[(i + 1)..]];
                }
                return copy;
        }
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
