// Generates src/config/types.ts and the precompiled validator from schemas/; with --check it only compares.
console.log('gen: nothing yet')
