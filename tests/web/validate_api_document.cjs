// SPDX-License-Identifier: Apache-2.0
// Checks Swagger 2.0 and OpenAPI documents with swagger-parser: structure, references and semantics.
//   NODE_PATH=<build tree>/web/node_modules node validate_api_document.cjs FILE…     0: all valid
const SwaggerParser = require('@apidevtools/swagger-parser');
const fs = require('fs');

async function validate(file) {
  const document = JSON.parse(fs.readFileSync(file, 'utf8'));
  // References to other files or hosts have no place in a document that a server answers.
  await SwaggerParser.validate(document, {resolve: {external: false}});
}

async function main(files) {
  if (files.length === 0) throw new Error('no file given');
  let invalid = 0;
  for (const file of files) {
    try {
      await validate(file);
      console.log(`${file}: valid`);
    } catch (error) {
      ++invalid;
      console.log(`${file}: ${error.message}`);
    }
  }
  process.exitCode = invalid === 0 ? 0 : 1;
}

main(process.argv.slice(2));
